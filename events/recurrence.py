"""The dates of what is told again and again: those of the patterns that events have."""

from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

from events.rules.config import parse
from events.rules.pattern import days
from events.rules.recurrence import is_skipped
from events.rules.wall_time import attach
from notifications.recurrence import Pattern, PlannedDate, register_dates


def planned_dates(pattern: Pattern, start: date, end: date, zone: str) -> Iterator[PlannedDate]:
    """As `notifications.recurrence.dates`. The moment is that at which an event of this pattern would begin."""
    config = parse(pattern)
    for day in days(config, start, end):
        yield PlannedDate(day, attach(day, config.start_time, ZoneInfo(zone)), is_skipped(config, day))


register_dates(planned_dates)
