"""A pattern as an RRULE (RFC 5545 3.3.10), so that python-dateutil's dates can be compared with ours."""

import re
from collections.abc import Iterator
from datetime import UTC, date, timedelta

from events.rules.config import RecurringConfig
from events.rules.pattern import LAST_DAY, days, fewest_days
from events.rules.wall_time import attach, zone

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
SHORTEST_MONTH = 28


class NoRRuleError(ValueError):
    """No RRULE says this: a weekday on or after a day so late that it may be in the next month."""


def to_rrule(config: RecurringConfig, *, dtstart: date, timezone: str) -> str:
    """The RRULE of an active series, for a component whose DTSTART is its occurrence of that local date.

    A COUNT is what is left from there. Dates that are skipped are not in it.
    """
    parts = [*_frequency_parts(config), *_day_parts(config)]
    if config.count:
        before = sum(1 for _ in days(config, config.start_date or dtstart, dtstart - timedelta(days=1)))
        parts.append(f"COUNT={config.count - before}")
    if config.until:
        until = attach(min(config.until, LAST_DAY), config.start_time, zone(timezone)).astimezone(UTC)
        parts.append("UNTIL=" + re.sub("[-:]", "", until.replace(tzinfo=None).isoformat()) + "Z")
    return ";".join(parts)


def _frequency_parts(config: RecurringConfig) -> Iterator[str]:
    months = {"quarterly": 3}.get(config.type, 1)
    frequency = {"quarterly": "monthly"}.get(config.type, config.type)
    yield f"FREQ={frequency.upper()}"
    if months * config.interval > 1:
        yield f"INTERVAL={months * config.interval}"
    if config.month:
        yield f"BYMONTH={config.month}"


def _day_parts(config: RecurringConfig) -> Iterator[str]:
    if config.weekdays:
        yield "BYDAY=" + ",".join(f"{config.nth or ''}{WEEKDAYS[weekday]}" for weekday in config.weekdays)
    day = config.month_day
    if day is None:
        return
    if config.weekdays:
        if day == -1 or day + 6 > fewest_days(config.month):
            raise NoRRuleError
        yield "BYMONTHDAY=" + _listed(day, day + 6)
    elif config.clamp and day > SHORTEST_MONTH:
        # Of those days that the month has, the last.
        yield "BYMONTHDAY=" + _listed(SHORTEST_MONTH, day)
        yield "BYSETPOS=-1"
    else:
        yield f"BYMONTHDAY={day}"


def _listed(first: int, last: int) -> str:
    return ",".join(str(day) for day in range(first, last + 1))
