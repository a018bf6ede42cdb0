"""When patients come next. The app that plans visits says so; others ask it here, and know nothing of visits."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from home.models import Patient, User


@dataclass(frozen=True, slots=True)
class NextVisit:
    """The next day on which a patient comes to collect medicine, at a visit or at a club."""

    day: date
    words: str
    """What it is, in the reader's language, such as "collection" or the club's title."""


@dataclass(frozen=True, slots=True)
class EarlierDate:
    """A day by which a patient can come before the stock ends, and the page that plans it."""

    day: date
    words: str
    url: str


@dataclass(frozen=True, slots=True)
class Calendar:
    """What the app of visits answers, each in a constant number of queries.

    `next_of` gives the next visit of each of these patients on or after `today` (the clinic's), without those who have
    none. `before` offers dates for one patient that are not later than a day; the best first. `plan` plans a visit for
    who said on the phone that they will come that day, and gives its id; ValidationError for a day on which nobody can
    come. `unplan` takes it back while nobody did anything with it.
    """

    next_of: Callable[[Collection[int], date], Mapping[int, NextVisit]]
    before: Callable[[Patient, date, date], list[EarlierDate]]
    plan: Callable[[Patient, date, User, datetime], int | None] | None = None
    unplan: Callable[[int, User, datetime], None] | None = None


_calendar: Calendar | None = None


def register_calendar(calendar: Calendar) -> None:
    """Ask this one."""
    global _calendar  # noqa: PLW0603 - there is one, registered at start
    _calendar = calendar


def next_visits(patient_ids: Collection[int], today: date) -> Mapping[int, NextVisit]:
    """The next visit of each patient who has one."""
    return _calendar.next_of(patient_ids, today) if _calendar and patient_ids else {}


def dates_before(patient: Patient, today: date, last: date) -> list[EarlierDate]:
    """Days from `today` to `last`, both included, on which the patient could come."""
    return _calendar.before(patient, today, last) if _calendar else []


def visit_plan(patient: Patient, day: date, by: User, now: datetime) -> int | None:
    """Plan that the patient comes on this day; the visit's id, or None where no app plans visits."""
    return _calendar.plan(patient, day, by, now) if _calendar and _calendar.plan else None


def visit_unplan(visit_id: int, by: User, now: datetime) -> None:
    """Take a visit back that was planned by mistake."""
    if _calendar and _calendar.unplan:
        _calendar.unplan(visit_id, by, now)
