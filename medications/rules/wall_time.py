"""Converts local (wall clock) times to instants in UTC."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from medications.rules.errors import RuleError

SLOTS: Mapping[str, time] = {
    "morning": time(8),
    "afternoon": time(14),
    "evening": time(20),
    "bedtime": time(22),
}

_HH_MM = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_ONE_DAY = timedelta(days=1)


def zone(name: str) -> ZoneInfo:
    """The time zone of that IANA name; RuleError("timezone") when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise RuleError("timezone", "timezone: there is no time zone %(value)s.", value=name[:40]) from error


def is_time(text: str) -> bool:
    """Whether the text is a time of day "HH:MM", from 00:00 to 23:59."""
    return _HH_MM.fullmatch(text) is not None


def slot_times(overrides: Mapping[str, str] | None) -> Mapping[str, time]:
    """The time of each named slot: the defaults, with the clinic's or patient's own ("HH:MM") over them."""
    times = dict(SLOTS)
    for slot, text in (overrides or {}).items():
        if slot not in SLOTS:
            raise RuleError("slots", "slots: there is no slot %(value)s.", value=slot)
        if not is_time(text):
            raise RuleError("slots", "slots: the time of %(value)s must be HH:MM.", value=slot)
        times[slot] = time.fromisoformat(text)
    return times


def instant(day: date, at: time, tz: ZoneInfo) -> datetime:
    """The instant, in UTC, at which a wall clock of that zone shows this day and time.

    A time that occurs twice (clocks put back) is its first occurrence. A time that does not occur (clocks put
    forward) is read with the offset before the gap, so 02:30 becomes 03:30 (RFC 5545 3.3.5). Both are what
    PEP 495 gives for `fold=0`.
    """
    return datetime.combine(day, at, tzinfo=tz).astimezone(UTC)


def is_skipped(day: date, tz: ZoneInfo) -> bool:
    """Whether the zone skipped this whole date, as Apia did 30 December 2011 to cross the date line."""
    noon = datetime.combine(day, time(12), tzinfo=tz)
    before, after = noon.utcoffset(), noon.replace(fold=1).utcoffset()
    return before is not None and after is not None and after - before >= _ONE_DAY


def utc(moment: datetime, field: str) -> datetime:
    """The same instant in UTC; RuleError for `field` when it is naive or outside the years 1 to 9999.

    Differences are computed in UTC only: between two datetimes of one zone Python subtracts local times.
    """
    if moment.utcoffset() is None:
        raise RuleError(field, "%(field)s: the date and time must have an offset.")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise RuleError(field, "%(field)s: the date is out of range.") from error
