"""On which dates a series recurs: plain arithmetic from the window that is asked for, never from the first day.

python-dateutil's rrule gives the same dates (the tests compare them), but takes seven times as long for them even when
it starts near the window, and an RRULE can't say "the first such weekday on or after" a day late in the month.
"""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import dropwhile, islice

from events.rules.config import RecurringConfig

# A window is cut to these. The year's margin lets neighbouring weeks and months be computed without leaving the
# calendar, and the end of the last night be attached to any zone.
FIRST_DAY = date(2, 1, 1)
LAST_DAY = date(9998, 12, 31)

_A_COMMON_YEAR = 2023
_MONTHS_OF = {"monthly": 1, "quarterly": 3, "yearly": 12}


def fewest_days(month: int | None) -> int:
    """How many days that month has in every year; without a month, how many every month has."""
    return monthrange(_A_COMMON_YEAR, month)[1] if month else 28


def days(config: RecurringConfig, start: date, end: date) -> Iterator[date]:
    """The dates from start to end, both included, on which the series recurs, in order.

    Skipped dates are included: in RFC 5545 `count` is that of the occurrences before any is excluded.
    """
    last = min(end, config.until or LAST_DAY, LAST_DAY)
    first = max(start, config.start_date or FIRST_DAY, FIRST_DAY)
    if config.count is None:
        return _every(config, first, last)
    counted = islice(_every(config, config.start_date or FIRST_DAY, last), config.count)
    return dropwhile(lambda day: day < first, counted)


def _every(config: RecurringConfig, first: date, last: date) -> Iterator[date]:
    if last < first:
        return iter(())
    recurring = _by_week if config.type == "weekly" else _by_month
    return recurring(config, first, last)


def _by_week(config: RecurringConfig, first: date, last: date) -> Iterator[date]:
    """Weeks begin on Monday, which is RFC 5545's default (WKST=MO): the week of start_date is the first."""
    monday = _monday(first)
    behind = (monday - _monday(config.start_date or first)).days // 7 % config.interval
    if behind:
        monday += timedelta(weeks=config.interval - behind)
    for number in range(monday.toordinal(), last.toordinal() + 1, 7 * config.interval):
        for weekday in config.weekdays:
            day = date.fromordinal(number + weekday)
            if first <= day <= last:
                yield day


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _by_month(config: RecurringConfig, first: date, last: date) -> Iterator[date]:
    """Months are counted from the month of start_date; without one, quarters are those of the calendar year."""
    step = _MONTHS_OF[config.type] * config.interval
    origin = config.start_date or FIRST_DAY
    anchor = 12 * origin.year + (config.month or origin.month) - 1
    # A weekday on or after the month's last days may be in the next month, so the month before counts too.
    from_month = _number(first) - 1
    for number in range(from_month + (anchor - from_month) % step, _number(last) + 1, step):
        day = _day_in(config, *divmod(number, 12))
        if day and first <= day <= last:
            yield day


def _number(day: date) -> int:
    return 12 * day.year + day.month - 1


def _day_in(config: RecurringConfig, year: int, month_index: int) -> date | None:
    """The occurrence of one month, or None where it has none."""
    weekday_of_first, length = monthrange(year, month_index + 1)
    first = date(year, month_index + 1, 1)
    if config.nth is not None:
        day = 1 + (config.weekdays[0] - weekday_of_first) % 7 + 7 * (config.nth - 1)
        if config.nth == -1:
            day = length - (weekday_of_first + length - 1 - config.weekdays[0]) % 7
        return first.replace(day=day) if day <= length else None
    day = config.month_day or 1
    if day == -1 or (day > length and config.clamp):
        day = length
    if day > length:
        return None
    if config.weekdays:
        day += (config.weekdays[0] - (weekday_of_first + day - 1)) % 7
    return first + timedelta(days=day - 1)
