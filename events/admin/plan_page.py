"""What a change of events will do, in words, for the page that staff see before it is saved.

The page is `events/admin/plan.html`. A view gives it the context of `plan_context`, and

- `form_data`: what was posted, as `repeated` gives it; it is posted again to the same address,
- `confirm_label`: what the button says. It posts "confirm"; the way back to the form posts "edit".
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model
from django.http import QueryDict
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, npgettext

from events.admin.clinic_time import clinic_moment, clinic_span, zone_note
from events.admin.reminders_field import USUAL
from events.models import ClinicEvent, read_config
from events.pattern_words import pattern_words
from events.services.changes.plan import Outcome, Plan, Planned
from home.models import User

MOST_NAMES = 50
"""So many people are named; of more only the number is."""
CONFIRM, EDIT = "confirm", "edit"
"""The names of the page's two buttons."""

LABELS = {
    "title_en": gettext_lazy("Title (English)"),
    "title_af": gettext_lazy("Title (Afrikaans)"),
    "description_en": gettext_lazy("Description (English)"),
    "description_af": gettext_lazy("Description (Afrikaans)"),
    "place": gettext_lazy("Venue"),
    "capacity": gettext_lazy("Places"),
    "reminders": gettext_lazy("Reminders"),
}
_WHAT_HAPPENS = {
    Outcome.MOVED: gettext_lazy("moves"),
    Outcome.CANCELLED: gettext_lazy("is cancelled, because it no longer fits the pattern"),
    Outcome.REMOVED: gettext_lazy("is removed, because nobody has joined"),
    Outcome.ALONE: gettext_lazy("keeps its time, because it was changed separately"),
    Outcome.TOO_NEAR: gettext_lazy("stays as it is, because its new start is already past"),
}


@dataclass(frozen=True, kw_only=True)
class People:
    """Some people: how many, the names of the first, and how many are not named."""

    number: int
    names: list[str]
    more: int


@dataclass(frozen=True, kw_only=True)
class Happening:
    """One event: its time now and then (empty where it stays), and what happens to it."""

    outcome: str
    title: str
    before: str
    after: str
    words: str
    joined: int
    waiting: int
    told: People


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing that will be different, as it was and as it will be."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class PlanPage:
    """All that the page says. `lost` is how many of the places that people have will be gone."""

    total: str
    lost: int
    told: People
    differences: list[Difference]
    splits: bool
    happenings: list[Happening]
    unchanged: int
    added: list[str]
    zone_note: str


def plan_context(plan: Plan, *, now: datetime) -> dict[str, Any]:
    """The page's context: `plan`. As many queries for any plan."""
    zone = _clinic_of(plan).timezone
    names = _names(plan.told)
    rows = [each for each in plan.occurrences if _is_touched(each)]
    page = PlanPage(
        total=plan_total(plan),
        lost=sum(each.joined for each in rows if each.outcome == Outcome.CANCELLED),
        told=_people(plan.told, names),
        differences=[*_patterns(plan), *_details(plan)],
        splits=plan.ended is not None,
        happenings=[_happening(each, zone, names, now) for each in rows],
        unchanged=len(plan.occurrences) - len(rows),
        added=[clinic_moment(start, zone, now=now) for start in plan.added],
        zone_note=zone_note(zone),
    )
    return {"plan": page}


def plan_total(plan: Plan) -> str:
    """As "3 events move, 2 events are new. 12 people will be told."; also for the message when it was done."""
    sentence = ", ".join(_counts(plan)) or _("No event changes")
    return _("%(sentence)s. %(told)s") % {"sentence": sentence, "told": told_words(len(plan.told))}


def told_words(number: int) -> str:
    """As "12 people will be told."."""
    if not number:
        return _("Nobody will be told.")
    said = npgettext(
        "of a change", "%(people)s person will be told.", "%(people)s people will be told.", number
    )
    return said % {"people": number}


def confirm_label(people: int) -> str:
    """What the button says, when so many will be told."""
    if not people:
        return _("Save")
    said = ngettext("Save and tell %(people)s person", "Save and tell %(people)s people", people)
    return said % {"people": people}


def repeated(posted: QueryDict) -> list[tuple[str, str]]:
    """The names and values of a form that was posted, without its buttons and token."""
    own = {"csrfmiddlewaretoken", CONFIRM, EDIT}
    return [(name, value) for name, values in posted.lists() if name not in own for value in values]


def detail_words(name: str, value: Any) -> str:
    """The value of one of an event's details, as people read it."""
    if name == "capacity":
        return _("no limit") if value is None else str(value)
    if name == "reminders":
        return ", ".join(_before(minutes) for minutes in value) or _("none")
    return Truncator(value).chars(200) if value else "–"


def _before(minutes: int) -> str:
    if minutes in USUAL:
        return str(USUAL[minutes])
    return ngettext("%(count)s minute before", "%(count)s minutes before", minutes) % {"count": minutes}


def _counts(plan: Plan) -> Iterator[str]:
    outcomes = [each.outcome for each in plan.occurrences]
    changed = sum(_only_details(each) for each in plan.occurrences)
    for number, said in (
        (outcomes.count(Outcome.MOVED), _moved),
        (outcomes.count(Outcome.CANCELLED), _cancelled),
        (outcomes.count(Outcome.REMOVED), _removed),
        (changed, _changed),
        (len(plan.added), _new),
    ):
        if number:
            yield said(number) % {"count": number}


def _moved(number: int) -> str:
    return ngettext("%(count)s event moves", "%(count)s events move", number)


def _cancelled(number: int) -> str:
    return ngettext("%(count)s event is cancelled", "%(count)s events are cancelled", number)


def _removed(number: int) -> str:
    return ngettext(
        "%(count)s event that nobody joined is removed",
        "%(count)s events that nobody joined are removed",
        number,
    )


def _changed(number: int) -> str:
    return ngettext("%(count)s event gets new details", "%(count)s events get new details", number)


def _new(number: int) -> str:
    return ngettext("%(count)s event is new", "%(count)s events are new", number)


def _only_details(planned: Planned) -> bool:
    stays = planned.outcome not in (Outcome.MOVED, Outcome.CANCELLED, Outcome.REMOVED)
    return stays and bool(planned.details)


def _is_touched(planned: Planned) -> bool:
    """Whether anything is to be said of it: that something happens, or why nothing does."""
    return planned.outcome != Outcome.KEPT or bool(planned.details)


def _clinic_of(plan: Plan) -> Any:
    return plan.series.clinic if plan.series is not None else plan.occurrences[0].event.clinic


def _names(ids: Collection[int]) -> dict[int, str]:
    """People by their ids, in the order of their names."""
    users = User.objects.filter(id__any_of=ids).only("first_name", "last_name", "email", "phone")
    return {user.pk: str(user) for user in users}


def people_named(ids: Collection[int]) -> People:
    """These people. One query."""
    return _people(ids, _names(ids))


def _people(ids: Collection[int], names: Mapping[int, str]) -> People:
    known = [name for id_, name in names.items() if id_ in ids]
    return People(number=len(ids), names=known[:MOST_NAMES], more=max(0, len(known) - MOST_NAMES))


def _happening(planned: Planned, zone: str, names: Mapping[int, str], now: datetime) -> Happening:
    event = planned.event
    moves = planned.outcome == Outcome.MOVED
    return Happening(
        outcome=planned.outcome.value,
        title=event.title,
        before=clinic_span(event.starts_at, event.ends_at, zone, now=now),
        after=clinic_span(planned.starts_at, planned.ends_at, zone, now=now) if moves else "",
        words=_what_happens(planned),
        joined=planned.joined,
        waiting=planned.waiting,
        told=_people(planned.told, names),
    )


def _what_happens(planned: Planned) -> str:
    if planned.outcome == Outcome.ALONE and planned.event.state == ClinicEvent.State.CANCELLED:
        return _("stays cancelled")
    words = [str(_WHAT_HAPPENS[planned.outcome])] if planned.outcome != Outcome.KEPT else []
    gone = planned.outcome in (Outcome.CANCELLED, Outcome.REMOVED)
    if planned.details and not gone:
        changed = ", ".join(str(LABELS[name]) for name in LABELS if name in planned.details)
        words.append(_("changes: %(details)s") % {"details": changed})
    return "; ".join(words)


def _patterns(plan: Plan) -> Iterator[Difference]:
    if plan.series is None or plan.config is None:
        return
    old = read_config(plan.series.config)
    if plan.ended is not None:
        label = _("The events until then")
        yield Difference(label=label, before=pattern_words(old), after=pattern_words(plan.ended))
        yield Difference(label=_("From then on"), before="", after=pattern_words(plan.config))
    elif plan.config != old:
        yield Difference(label=_("Pattern"), before=pattern_words(old), after=pattern_words(plan.config))


def _details(plan: Plan) -> Iterator[Difference]:
    before: Model = plan.series if plan.series is not None else plan.occurrences[0].event
    for name, label in LABELS.items():
        if name in plan.details:
            yield Difference(
                label=str(label),
                before=detail_words(name, getattr(before, name)),
                after=detail_words(name, plan.details[name]),
            )
