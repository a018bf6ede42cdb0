"""When something is to be done about a planned visit. Pure: `now` is an argument."""

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple

from events.rules.wall_time import attach, zone

REMINDED_AT = time(9)
"""On the clinic's wall."""
MISSED_IS_NEWS = timedelta(days=7)
"""For so long after the day people are still told that they were missed."""
_DAY = timedelta(days=1)
_REMINDERS = (("week", 7), ("day", 1))


class Step(StrEnum):
    """A reminder a week or a day before, and the end of the visit's day."""

    WEEK = "week"
    DAY = "day"
    OVER = "over"


class Due(NamedTuple):
    """A step and its moment (aware)."""

    at: datetime
    step: Step


def steps(day: date, zone_name: str, *, planned_on: date) -> list[Due]:
    """All steps of a visit on this local day, in their order.

    Who planned a visit knows it: a reminder comes only where there is at least a day between the planning and it.
    """
    tz = zone(zone_name)
    found = [
        Due(attach(day - timedelta(days=days), REMINDED_AT, tz), Step(name))
        for name, days in _REMINDERS
        if (day - planned_on).days > days
    ]
    return [*found, Due(attach(day + _DAY, time.min, tz), Step.OVER)]


def next_step_at(day: date, zone_name: str, *, planned_on: date, now: datetime) -> datetime:
    """When the next step after `now` is due; the last one, also where it is past."""
    found = steps(day, zone_name, planned_on=planned_on)
    return next((due.at for due in found if due.at > now), found[-1].at)


def due_step(day: date, zone_name: str, *, planned_on: date, now: datetime) -> Step | None:
    """The latest step that is due, in place of those before it; None while none is."""
    passed = [due.step for due in steps(day, zone_name, planned_on=planned_on) if due.at <= now]
    return passed[-1] if passed else None


def ends_at(day: date, zone_name: str) -> datetime:
    """The end of this local day."""
    return attach(day + _DAY, time.min, zone(zone_name))


def missed_told_at(day: date, zone_name: str) -> datetime:
    """When people are told that a visit of this day was missed: on the day after, at 09:00."""
    return attach(day + _DAY, REMINDED_AT, zone(zone_name))


def missed_is_news_until(day: date, zone_name: str) -> datetime:
    """Until when people are told that a visit of this day was missed."""
    return ends_at(day, zone_name) + MISSED_IS_NEWS
