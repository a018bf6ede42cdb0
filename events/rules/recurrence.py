"""When the events of a series begin and end: a recurring_config and a range of local dates in, instants out."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from events.rules.config import RecurringConfig, parse
from events.rules.pattern import days
from events.rules.public_holidays import is_public_holiday
from events.rules.wall_time import attach, zone

_ONE_DAY = timedelta(days=1)


def expand(
    recurring_config: Mapping[str, object] | RecurringConfig, start: date, end: date, timezone: str
) -> list[tuple[datetime, datetime]]:
    """Start and end, aware and in that zone, of the occurrences whose local start date is from start to end, both
    included, in order.

    - An `end_time` at or before `start_time` is on the next day.
    - Times are local: a start or end that occurs twice is its first occurrence, one that a clock change leaves
      out is read with the offset before it (02:30 becomes 03:30). Where that leaves nothing of an event, it
      keeps its length. The date is the one in the config, also where the clock change moves the start past
      midnight. A date that the zone leaves out whole has no occurrence.
    - Every n-th week, month, quarter or year is counted from that of `start_date`; weeks begin on Monday. Without
      it, quarters begin in January, April, July and October.
    - A month that is too short for `month_day` is skipped unless `clamp`, one without an `nth` weekday too, and
      neither counts. `weekday` with `month_day` is the first such day on or after that day, if need be in the
      next month.
    - `until` is a local start date and included. `count` begins with the first occurrence on or after
      `start_date`, and occurrences that are skipped count (RFC 5545 3.8.5.3: EXDATE excludes at the end).
    - `skip_dates` and `skip_public_holidays` look at the local start date.
    - A series that isn't `active` has none.

    Ranges that follow each other give together what one range over both gives; the work grows with the range, and
    with `count`, but never with the time since `start_date`. ConfigError (a ValueError) names the key that is invalid.
    """
    config = recurring_config if isinstance(recurring_config, RecurringConfig) else parse(recurring_config)
    tz = zone(timezone)
    if not config.active:
        return []
    return [
        occurrence
        for day in days(config, start, end)
        if not is_skipped(config, day) and (occurrence := _occurrence(config, day, tz))
    ]


def is_skipped(config: RecurringConfig, day: date) -> bool:
    """Whether an occurrence on this local date is excluded."""
    return day in config.skip_dates or (config.skip_public_holidays and is_public_holiday(day))


def _occurrence(config: RecurringConfig, day: date, tz: ZoneInfo) -> tuple[datetime, datetime] | None:
    """The one that starts on this date, or None if the zone left it out, as Apia did 30 December 2011."""
    start = attach(day, config.start_time, tz)
    if start.date() > day and start.time() == config.start_time:
        return None
    end_day = day if config.end_time > config.start_time else day + _ONE_DAY
    end = attach(end_day, config.end_time, tz)
    if end <= start:
        # A clock change leaves out its whole time; it keeps its length.
        length = datetime.combine(end_day, config.end_time) - datetime.combine(day, config.start_time)
        end = (start.astimezone(UTC) + length).astimezone(tz)
    return start, end
