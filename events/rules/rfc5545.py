"""A series as an iCalendar RRULE, for calendars that show it, and an RRULE as a series (RFC 5545 3.3.10, 3.8.5.3).

What one of the two can't say is refused with NotExpressibleError, never said approximately. Two differences remain
where clocks change: an event ends when the wall says so, in a calendar so many hours after its start; and a start that
the change leaves out is moved behind it, where a calendar may leave the occurrence out (3.3.10).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from events.rules.config import RecurringConfig, parse
from events.rules.errors import ConfigError, NotExpressibleError
from events.rules.pattern import LAST_DAY, days
from events.rules.recurrence import is_skipped
from events.rules.rrule_parts import WEEKDAYS, RRuleParts
from events.rules.rrule_pattern import SHORTEST_MONTH, pattern_of, shortest
from events.rules.wall_time import attach, zone

_ONE_DAY = timedelta(days=1)


def to_rrule(config: RecurringConfig, *, dtstart: date, timezone: str) -> str:
    """The value of the RRULE of the series, for a component whose DTSTART is the occurrence of that local date.

    DTSTART must be local time with that TZID. A COUNT is what is left from there. `exdates` gives what is skipped.
    ConfigError("dtstart") when the series has no occurrence on that date: RFC 5545 wants the two in step.
    NotExpressibleError for a series that isn't active, and for a `weekday` on or after a `month_day` so late
    that it may lie in the next month.
    """
    if not config.active:
        raise NotExpressibleError("active", "no_rrule")
    if dtstart not in days(config, dtstart, dtstart):
        raise ConfigError("dtstart", "no_occurrence")
    parts = [*_frequency_parts(config), *_day_parts(config)]
    if config.count:
        before = sum(1 for _ in days(config, config.start_date or dtstart, dtstart - _ONE_DAY))
        parts.append(f"COUNT={config.count - before}")
    if config.until:
        until = _start(min(config.until, LAST_DAY), config.start_time, zone(timezone))
        parts.append("UNTIL=" + re.sub("[-:]", "", until.replace(tzinfo=None).isoformat()) + "Z")
    return ";".join(parts)


def exdates(config: RecurringConfig, *, start: date, end: date, timezone: str) -> list[datetime]:
    """The EXDATEs of local dates from start to end: the starts, aware and in that zone, that are skipped there.

    A series that skips public holidays and never ends has no end of them, so the range is the caller's.
    """
    tz = zone(timezone)
    return [attach(day, config.start_time, tz) for day in days(config, start, end) if is_skipped(config, day)]


def from_rrule(
    rrule: str, *, dtstart: datetime, dtend: datetime, timezone: str, exdates: Iterable[datetime] = ()
) -> RecurringConfig:
    """The series of a component with this RRULE value, starting on the date of DTSTART. Naive times are that zone's.

    ConfigError for text that is no RRULE, NotExpressibleError for what no pattern of ours says, both with the part
    or property that is at fault: among others a DTSTART that isn't the first occurrence, whose meaning RFC 5545
    leaves open, and an event longer than a day.
    """
    tz = zone(timezone)
    start, end = _on_the_wall(dtstart, tz), _on_the_wall(dtend, tz)
    if start.second or start.microsecond:
        raise NotExpressibleError("DTSTART", "no_pattern")
    if end.second or end.microsecond or not timedelta(0) < end - start <= _ONE_DAY:
        raise NotExpressibleError("DTEND", "no_pattern")
    parts = RRuleParts(rrule)
    until = parts.until(tz)
    config = parse(
        {
            "interval": parts.whole("INTERVAL"),
            **pattern_of(parts, start.date()),
            "start_time": start.strftime("%H:%M"),
            "end_time": end.strftime("%H:%M"),
            "start_date": start.date(),
            "count": parts.whole("COUNT"),
            "until": until and _last_start_by(until, start.time(), tz),
        }
    )
    if start.date() not in days(config, start.date(), start.date()):
        raise NotExpressibleError("DTSTART", "no_pattern")
    return replace(config, skip_dates=frozenset(_dates_of(exdates, start.time(), tz)))


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
        if day == -1 or day + 6 > shortest(config.month):
            raise NotExpressibleError("month_day", "no_rrule")
        yield "BYMONTHDAY=" + _listed(day, day + 6)
    elif config.clamp and day > SHORTEST_MONTH:
        # Of those days that the month has, the last.
        yield "BYMONTHDAY=" + _listed(SHORTEST_MONTH, day)
        yield "BYSETPOS=-1"
    else:
        yield f"BYMONTHDAY={day}"


def _listed(first: int, last: int) -> str:
    return ",".join(str(day) for day in range(first, last + 1))


def _on_the_wall(moment: datetime, tz: ZoneInfo) -> datetime:
    return moment.astimezone(tz).replace(tzinfo=None) if moment.tzinfo else moment


def _last_start_by(moment: datetime, at: time, tz: ZoneInfo) -> date:
    """The last local date whose start at that time of day is at or before this moment."""
    day = moment.astimezone(tz).date()
    return day if _start(day, at, tz) <= moment else day - _ONE_DAY


def _dates_of(exdates: Iterable[datetime], at: time, tz: ZoneInfo) -> Iterator[date]:
    """The local dates whose start at that time of day is excluded. Other moments exclude nothing."""
    for exdate in exdates:
        moment = (exdate if exdate.tzinfo else attach(exdate.date(), exdate.time(), tz)).astimezone(UTC)
        day = _last_start_by(moment, at, tz)
        if _start(day, at, tz) == moment:
            yield day


def _start(day: date, at: time, tz: ZoneInfo) -> datetime:
    """In UTC, where times that a wall shows twice compare as they should."""
    return attach(day, at, tz).astimezone(UTC)
