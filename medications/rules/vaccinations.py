"""A child's vaccination calendar, from the date of birth and what was given.

The schedule is the South African EPI's for childhood. Its minimum intervals are those of the WHO summary
table of recommendations for interrupted or delayed routine immunization (table 3, March 2023): 4 weeks
between doses of a primary series, 8 weeks with PCV in two doses and one more, 6 months before the DTP
booster; and 4 years between Td boosters (WHO position paper on tetanus vaccines, 2017).
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from medications.rules.wall_time import instant, zone

REMINDER_TIME = time(9)


@dataclass(frozen=True, kw_only=True)
class Span:
    """A time between two dates. Months are counted first, and one that is too short ends on its last day."""

    months: int = 0
    weeks: int = 0

    def after(self, day: date) -> date:
        year, month = divmod(day.year * 12 + day.month - 1 + self.months, 12)
        month += 1
        return date(year, month, min(day.day, monthrange(year, month)[1])) + timedelta(weeks=self.weeks)


@dataclass(frozen=True, kw_only=True)
class ScheduledDose:
    """Due at an age, and not sooner after the dose of the same vaccine before it than the interval."""

    vaccine: str
    dose_number: int
    age: Span
    interval: Span = Span()


class State(StrEnum):
    GIVEN = "given"
    DUE = "due"
    OVERDUE = "overdue"
    UPCOMING = "upcoming"


@dataclass(frozen=True, kw_only=True)
class PlannedDose:
    """One dose of a child's calendar: `due` on its very day, `overdue` after it, `upcoming` before it."""

    vaccine: str
    dose_number: int
    due_on: date
    given_on: date | None
    state: State


_BIRTH = Span()
_FOUR_WEEKS = Span(weeks=4)
_EIGHT_WEEKS = Span(weeks=8)


def _dose(vaccine: str, dose_number: int, age: Span, interval: Span = _BIRTH) -> ScheduledDose:
    return ScheduledDose(vaccine=vaccine, dose_number=dose_number, age=age, interval=interval)


SCHEDULE: tuple[ScheduledDose, ...] = (
    _dose("bcg", 1, _BIRTH),
    _dose("opv", 0, _BIRTH),
    _dose("opv", 1, Span(weeks=6), _FOUR_WEEKS),
    _dose("rv", 1, Span(weeks=6)),
    _dose("pcv", 1, Span(weeks=6)),
    _dose("hexavalent", 1, Span(weeks=6)),
    _dose("hexavalent", 2, Span(weeks=10), _FOUR_WEEKS),
    _dose("rv", 2, Span(weeks=14), _FOUR_WEEKS),
    _dose("pcv", 2, Span(weeks=14), _EIGHT_WEEKS),
    _dose("hexavalent", 3, Span(weeks=14), _FOUR_WEEKS),
    _dose("mr", 1, Span(months=6)),
    _dose("pcv", 3, Span(months=9), _EIGHT_WEEKS),
    _dose("mr", 2, Span(months=12), _FOUR_WEEKS),
    _dose("hexavalent", 4, Span(months=18), Span(months=6)),
    _dose("td", 1, Span(months=6 * 12)),
    _dose("td", 2, Span(months=12 * 12), Span(months=4 * 12)),
)


def calendar(date_of_birth: date, *, given: Mapping[tuple[str, int], date], today: date) -> list[PlannedDose]:
    """Every dose of the schedule, by due date. `given` maps (vaccine, dose number) to the date it was given.

    A dose is due at its age or, if that is later, the minimum interval after the dose of its vaccine before
    it: the day that one was given, or else the soonest that it can be given, which is today when it is
    overdue. So a late dose moves those after it. Doses given that the schedule does not have are ignored.
    """
    planned = []
    soonest: dict[str, date] = {}
    for dose in SCHEDULE:
        due_on = dose.age.after(date_of_birth)
        if dose.vaccine in soonest:
            due_on = max(due_on, dose.interval.after(soonest[dose.vaccine]))
        given_on = given.get((dose.vaccine, dose.dose_number))
        soonest[dose.vaccine] = given_on or max(due_on, today)
        planned.append(
            PlannedDose(
                vaccine=dose.vaccine,
                dose_number=dose.dose_number,
                due_on=due_on,
                given_on=given_on,
                state=_state(due_on, given_on, today),
            )
        )
    return sorted(planned, key=lambda dose: dose.due_on)


def reminder_at(next_due_date: date, timezone: str) -> datetime:
    """When (UTC) people are reminded of it: the day before, at 09:00 on the clock of that time zone."""
    return instant(next_due_date - timedelta(days=1), REMINDER_TIME, zone(timezone))


def _state(due_on: date, given_on: date | None, today: date) -> State:
    if given_on is not None:
        return State.GIVEN
    if due_on == today:
        return State.DUE
    return State.OVERDUE if due_on < today else State.UPCOMING
