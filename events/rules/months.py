"""Months of a wall: from their first midnight to that of the next one. Pure."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from events.rules.wall_time import attach


def month_of(day: date) -> date:
    """Its first day, by which a month is known."""
    return day.replace(day=1)


def month_after(month: date, number: int = 1) -> date:
    """The month so many after this one; before it, where the number is negative."""
    years, index = divmod(month.month - 1 + number, 12)
    return date(month.year + years, index + 1, 1)


def bounds(month: date, zone: str) -> tuple[datetime, datetime]:
    """When this month begins and when the next one does, in that zone; aware."""
    tz = ZoneInfo(zone)
    return attach(month, time(), tz), attach(month_after(month), time(), tz)
