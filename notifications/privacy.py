"""What is held of a person: how they are given it, how it is forgotten, and how long it is kept.

The engine knows no patients. Each app declares what it holds in its module `personal_data`, found at start.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from notifications.exceptions import NotificationError


@dataclass(frozen=True, slots=True)
class Person:
    """Whose data it is: that of an account, of the patient records that are this person's own, or of both."""

    user_id: int | None = None
    patient_ids: tuple[int, ...] = ()

    @property
    def account(self) -> int:
        """The id of the account; ValueError where there is none: no account is not every row without one."""
        if self.user_id is None:
            raise ValueError("This person has no account.")
        return self.user_id


@dataclass(frozen=True, slots=True)
class Section:
    """A table of the download: `columns` are its headings by the names that the JSON file uses.

    `rows` gives values in the order of the columns, in a constant number of queries: texts, numbers, days, moments
    (aware), yes or no, or nothing. It is called in the reader's language and time zone. A table `of_account` is asked
    for people with an account, any other for those with a patient record.
    """

    name: str
    title: Any
    columns: Mapping[str, Any]
    rows: Callable[[Person], Iterable[Sequence[Any]]]
    of_account: bool
    order: int

    def concerns(self, person: Person) -> bool:
        return person.user_id is not None if self.of_account else bool(person.patient_ids)


class Effect(StrEnum):
    """What becomes of rows when a person is erased."""

    DELETED = "deleted"
    CLEARED = "cleared"
    """Kept as something that happened, without a word that says to whom."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that an erasure does, in words for the manager who decides on it.

    `carry_out` does it and says to how many rows; it may be repeated. What no transaction takes back (a file, a session
    in the cache) also has a `count`, which only says how many.
    """

    words: Any
    effect: Effect
    carry_out: Callable[[], int]
    count: Callable[[], int] | None = None

    def rehearse(self) -> int:
        """As `carry_out`, within a transaction that is rolled back afterwards."""
        return self.carry_out() if self.count is None else self.count()


def deleted(words: Any, rows: QuerySet[Any]) -> Step:
    """A step that deletes these rows, and what hangs on them."""

    def carry_out() -> int:
        number = rows.count()
        rows.delete()
        return number

    return Step(words, Effect.DELETED, carry_out)


def cleared(words: Any, rows: QuerySet[Any], **fields: Any) -> Step:
    """A step that sets these fields of the rows, which stay."""
    return Step(words, Effect.CLEARED, lambda: rows.update(**fields))


Forget = Callable[[Person, datetime], Iterable[Step]]
"""The steps that forget this person. Each is carried out before the next is made."""


@dataclass(frozen=True, slots=True)
class Retention:
    """Rows that nobody needs any more: `rows(until)` are those that had served their purpose by that moment (aware).

    They are deleted, or their `clears` are set, after which they are no longer among them. `kept` is how long they stay
    after that moment; none where the rows say themselves until when. The setting RETENTION_DAYS may say otherwise.
    `by` is the column in whose order they go, never empty in them; of a large table, one with an index. What is
    `hourly` doesn't wait for a week.

    `parts(ids)` is for large tables: all rows that hang on those with these ids and go with them. Then nothing else is
    looked for, row by row, and no signal is sent.
    """

    name: str
    rows: Callable[[datetime], QuerySet[Any]]
    kept: timedelta = timedelta(0)
    by: str = "pk"
    parts: Callable[[Sequence[Any]], Iterable[QuerySet[Any]]] | None = None
    clears: Mapping[str, Any] | None = None
    hourly: bool = False

    def due(self, now: datetime) -> QuerySet[Any]:
        """The rows whose time is over."""
        return self.rows(now - self.period)

    @property
    def period(self) -> timedelta:
        days = settings.RETENTION_DAYS.get(self.name)
        return self.kept if days is None else timedelta(days=days)


_sections: dict[str, Section] = {}
_forgetting: list[Forget] = []
_forgetting_names: list[Forget] = []
_retentions: dict[str, Retention] = {}


def register_section(section: Section) -> None:
    """Put a table into everybody's download; raises NotificationError when its name is taken."""
    if section.name in _sections:
        raise NotificationError(f"The section “{section.name}” is declared twice.")
    _sections[section.name] = section


def register_forget(forget: Forget) -> Forget:
    """Have these steps taken when a person is erased."""
    _forgetting.append(forget)
    return forget


def register_forget_names(forget: Forget) -> Forget:
    """Have these steps taken after all others, which still look for the person's names and addresses."""
    _forgetting_names.append(forget)
    return forget


def register_retention(*retentions: Retention) -> None:
    """Have rows deleted or cleared in their time; raises NotificationError when a name is taken."""
    for retention in retentions:
        if retention.name in _retentions:
            raise NotificationError(f"The retention of “{retention.name}” is declared twice.")
        _retentions[retention.name] = retention


def sections(person: Person) -> Sequence[Section]:
    """The tables of this person's download, in their order."""
    found = [section for section in _sections.values() if section.concerns(person)]
    return sorted(found, key=lambda section: section.order)


def steps(person: Person, now: datetime) -> Iterator[Step]:
    """All steps that erase a person, in their order."""
    for forget in (*_forgetting, *_forgetting_names):
        yield from forget(person, now)


def retentions() -> Sequence[Retention]:
    """Everything that is kept for a time, in the order of its declaration."""
    return tuple(_retentions.values())
