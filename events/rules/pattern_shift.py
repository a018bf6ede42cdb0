"""Splits a pattern at a date, and shifts one by a number of days. Pure."""

from dataclasses import replace
from datetime import date, time, timedelta
from itertools import islice

from events.rules.config import RecurringConfig
from events.rules.pattern import LAST_DAY, days

_COMPARED = 60
"""So many dates are compared to see that a shifted pattern is right: five years of a monthly one."""


class ShiftError(ValueError):
    """No pattern expresses this, such as the day after the last day of a month."""


def ended(config: RecurringConfig, *, before: date) -> RecurringConfig:
    """The pattern without that date and all later ones."""
    return replace(config, until=before - timedelta(days=1), count=None)


def from_day(config: RecurringConfig, day: date) -> RecurringConfig:
    """The pattern without what is before that day; ShiftError when nothing is left, or no pattern expresses it."""
    first = next(days(config, day, LAST_DAY), None)
    if first is None:
        raise ShiftError
    return shifted(config, first=first, by=0, start_time=config.start_time, end_time=config.end_time)


def shifted(
    config: RecurringConfig, *, first: date, by: int, start_time: time, end_time: time
) -> RecurringConfig:
    """The pattern from its date `first` on, each date `by` days later (or earlier), at these local times.

    Skipped dates and the end are shifted too; `count` is the number of dates left. ShiftError when the shifted dates
    are those of no pattern.
    """
    step = timedelta(days=by)
    count = None
    if config.count is not None and config.start_date is not None:
        count = config.count - sum(1 for _ in days(config, config.start_date, first - timedelta(days=1)))
    moved = replace(
        config if by == 0 else _other_days(config, by),
        start_time=start_time,
        end_time=end_time,
        start_date=first + step,
        until=config.until and config.until + step,
        count=count,
        skip_dates=frozenset(day + step for day in config.skip_dates if day >= first),
    )
    wanted = [day + step for day in islice(days(config, first, LAST_DAY), _COMPARED)]
    if list(islice(days(moved, first + step, LAST_DAY), _COMPARED)) != wanted:
        raise ShiftError
    return moved


def _other_days(config: RecurringConfig, by: int) -> RecurringConfig:
    """A candidate for the shifted pattern. Whether it is right is seen by its dates."""
    weekdays = tuple(sorted((weekday + by) % 7 for weekday in config.weekdays))
    if config.type == "weekly":
        return replace(config, weekdays=weekdays)
    # The second Tuesday is the first on or after the 8th; a day later is the first Wednesday on or after the 9th.
    month_day = config.month_day if config.nth is None else 7 * (config.nth - 1) + 1
    if month_day is None or not 1 <= month_day + by <= 31:
        raise ShiftError
    return replace(config, weekdays=weekdays, nth=None, month_day=month_day + by)
