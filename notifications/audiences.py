"""Groups of people that staff address by name, such as all patients of a clinic, and what chooses some of them.

The engine knows people, not patients or clinics. Whoever knows them says it here, while the site starts, as event types
are declared.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from notifications.exceptions import MessageError, NotificationError
from notifications.timezones import zones_of_scopes
from notifications.types import ABOUT_NOBODY, About

Limit = Mapping[str, Any]
Filters = Mapping[str, Sequence[str]]
"""What was chosen, by the name of a filter (JSON)."""
NO_FILTERS: Filters = {}
LIST = "list"
"""The filter whose values are the ids of subjects that a file named, instead of choices."""


@dataclass(frozen=True, slots=True)
class Audience:
    """A group: its name, what people call it, and the ids of its live users, limited by `within`.

    With ids of subjects only those who are in it because of one of them. Not `of_subjects`, as staff are, is a group
    that is there for no subject: then nobody is.
    """

    name: str
    label: Any
    user_ids: Callable[[Limit, Collection[int] | None], Iterable[int]]
    of_subjects: bool = True


@dataclass(frozen=True, slots=True)
class Filter:
    """Chooses some of an audience: those because of whose subjects they are in it, or themselves.

    `choices` are what may be chosen within a limit at a moment (aware). One of the two others is given. `subject_ids`
    has the subjects (`About.subject_id`) for whom any of the chosen values holds, `of_users` those of these users; each
    makes a constant number of queries. `secrets` are the words of these values that no text outside the inbox may say.
    """

    name: str
    label: Any
    choices: Callable[[Limit, datetime], Sequence[tuple[str, Any]]]
    subject_ids: Callable[[Sequence[str], Limit, datetime], Iterable[int]] | None = None
    of_users: Callable[[Sequence[str], Collection[int]], Iterable[int]] | None = None
    secrets: Callable[[Sequence[str]], Iterable[str]] = lambda values: ()


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list names: the ids of its subjects, and the lines that fit nobody, or several."""

    subject_ids: frozenset[int]
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Within:
    """A part of the world that a member of staff may address; `limit` (JSON) is what an audience understands."""

    key: str
    label: str
    limit: Mapping[str, Any]


Scopes = Callable[[Any], Sequence[Within]]
Concern = Callable[[Mapping[str, Any]], About]


class Started(NamedTuple):
    """A date of a subject that messages are counted from, and the scope (`About`) to which the subject belongs."""

    subject_id: int
    day: date
    scope_id: int | None


@dataclass(frozen=True, slots=True)
class SeriesStart:
    """A kind of date that messages can follow, such as a birth.

    `choices` are what may be chosen of it within a limit at a moment (aware), where one must choose.
    `starts` gives, of those who are treated within the limit, whose date is one of these days, in a constant number of
    queries. Of several dates of somebody by one value only the first counts.
    """

    name: str
    label: Any
    starts: Callable[[Sequence[str], Limit, Collection[date]], Iterable[Started]]
    choices: Callable[[Limit, datetime], Sequence[tuple[str, Any]]] | None = None


People = Callable[[Collection[int]], Mapping[int, Sequence[int]]]
ReadList = Callable[[Sequence[str], Limit], Listed]

_audiences: dict[str, Audience] = {}
_filters: dict[str, Filter] = {}
_starts: dict[str, SeriesStart] = {}
_readers: list[ReadList] = []
_people: list[People] = []
_scopes: list[Scopes] = []
_concerns: list[Concern] = []


def register(audience: Audience) -> None:
    """Add a group; raises NotificationError when its name is taken."""
    if audience.name in _audiences:
        raise NotificationError(f"The audience “{audience.name}” is declared twice.")
    _audiences[audience.name] = audience


def register_filter(declared: Filter) -> None:
    """Add what chooses some of an audience; raises NotificationError when its name is taken."""
    if declared.name in _filters:
        raise NotificationError(f"The filter “{declared.name}” is declared twice.")
    _filters[declared.name] = declared


def register_start(declared: SeriesStart) -> None:
    """Add a kind of date that messages can follow; raises NotificationError when its name is taken."""
    if declared.name in _starts:
        raise NotificationError(f"The start “{declared.name}” is declared twice.")
    _starts[declared.name] = declared


def starts() -> list[SeriesStart]:
    """All of them, in the order in which they were declared."""
    return list(_starts.values())


def start_named(name: str) -> SeriesStart:
    """MessageError where there is none of that name."""
    if name not in _starts:
        raise MessageError(f"start: “{name}” is none of {', '.join(_starts)}.")
    return _starts[name]


def register_people(people: People) -> None:
    """Say which users are told of each of these subjects."""
    _people.append(people)


def people_of(subject_ids: Collection[int]) -> dict[int, Sequence[int]]:
    """The ids of the users who are told of each of these subjects."""
    return {subject_id: ids for people in _people for subject_id, ids in people(subject_ids).items()}


def register_list(read: ReadList) -> None:
    """Say whom the lines of a list name, each by a number of theirs."""
    _readers.append(read)


def read_list(lines: Sequence[str], within: Limit) -> Listed:
    """Whom these lines name within this limit."""
    return next((read(lines, within) for read in _readers), Listed(frozenset(), tuple(lines)))


def filters() -> list[Filter]:
    """All filters, in the order in which they were declared."""
    return list(_filters.values())


def register_scopes(scopes: Scopes, concern: Concern) -> None:
    """Say what each member of staff may address, and what an announcement within such a `limit` is about."""
    _scopes.append(scopes)
    _concerns.append(concern)


def known() -> list[Audience]:
    """All groups, in the order in which they were declared."""
    return list(_audiences.values())


def user_ids(
    names: Collection[str], within: Limit, chosen: Filters = NO_FILTERS, *, now: datetime
) -> set[int]:
    """Everybody in these groups for whom all that was chosen holds, once; a few queries for each group and filter.

    `now` is aware. Raises MessageError for a group or a filter that there isn't: without it too many would be told.
    """
    check(names)
    used = [(_known_filter(name), values) for name, values in chosen.items()]
    subjects: set[int] | None = None
    for each, values in used:
        if each.subject_ids is not None:
            found = set(each.subject_ids(values, within, now))
            subjects = found if subjects is None else subjects & found
    people = {user_id for name in names for user_id in _in(_audiences[name], within, subjects)}
    for each, values in used:
        if each.of_users is not None:
            people &= set(each.of_users(values, people))
    return people


def secrets(chosen: Filters) -> set[str]:
    """The words that no text outside the inbox may say because of what was chosen."""
    return {word for name, values in chosen.items() for word in _known_filter(name).secrets(values) if word}


def chooses_subjects(chosen: Filters) -> bool:
    """Whether any of these filters leaves nobody of a group that is there for no subject."""
    return any(_known_filter(name).subject_ids is not None for name in chosen)


def is_of_subjects(name: str) -> bool:
    """Whether people are in this group because of somebody."""
    return _audiences[name].of_subjects


def _in(audience: Audience, within: Limit, subjects: Collection[int] | None) -> Iterable[int]:
    if subjects is not None and (not subjects or not audience.of_subjects):
        return ()
    return audience.user_ids(within, subjects)


def _known_filter(name: str) -> Filter:
    if name not in _filters:
        raise MessageError(f"filters: “{name}” is none of {', '.join(_filters)}.")
    return _filters[name]


def check(names: Collection[str]) -> None:
    """Raise MessageError naming a group that there isn't, or when none is named."""
    if not names:
        raise MessageError("audiences: nobody is named.")
    for name in names:
        if name not in _audiences:
            raise MessageError(f"audiences: “{name}” is none of {', '.join(_audiences)}.")


def about(within: Mapping[str, Any]) -> About:
    """What an announcement with this limit is about."""
    return next((found for concern in _concerns if (found := concern(within)).scope_id), ABOUT_NOBODY)


def zones(limits: Sequence[Limit]) -> list[str]:
    """The time zone (IANA) whose days and hours are meant by what is said within each of these limits: that of its one
    scope, the site's where it is of several (docs/decisions/0148). At most one query.
    """
    scope_ids = [about(limit).scope_id for limit in limits]
    found = zones_of_scopes(scope_ids)
    return [found[scope_id] for scope_id in scope_ids]


def scopes_for(user: Any) -> list[Within]:
    """What this member of staff may address; nothing for others."""
    return [within for scopes in _scopes for within in scopes(user)]
