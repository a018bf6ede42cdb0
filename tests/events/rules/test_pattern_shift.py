"""A shifted pattern has the same dates, each so many days later, or is refused."""

from datetime import date, time, timedelta
from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.rules.config import RecurringConfig, parse
from events.rules.pattern import LAST_DAY, days
from events.rules.pattern_shift import ShiftError, ended, from_day, shifted

TEN, TWELVE = time(10), time(12)


def config(**more: Any) -> RecurringConfig:
    return parse({"type": "weekly", "start_time": "10:00", "end_time": "12:00", **more})


def dates(pattern: RecurringConfig, first: date, number: int = 30) -> list[date]:
    return list(islice(days(pattern, first, LAST_DAY), number))


def move(pattern: RecurringConfig, by: int, first: date | None = None) -> RecurringConfig:
    first = first or dates(pattern, date(2026, 11, 1), 1)[0]
    return shifted(pattern, first=first, by=by, start_time=TEN, end_time=TWELVE)


@pytest.mark.parametrize(
    ("pattern", "by"),
    [
        ({"weekday": 1}, 1),
        ({"weekday": 6}, 1),
        ({"weekday": 0}, -1),
        ({"weekday": 1}, 7),
        ({"weekdays": [1, 3]}, 2),
        ({"weekday": 6, "interval": 2, "start_date": "2026-11-04"}, 1),
        ({"weekdays": [0, 1], "interval": 3, "start_date": "2026-11-02"}, 3),
        ({"type": "monthly", "month_day": 5}, 3),
        ({"type": "monthly", "month_day": 5, "interval": 2, "start_date": "2026-11-05"}, -4),
        ({"type": "monthly", "nth": 2, "weekday": 1}, 1),
        ({"type": "monthly", "nth": 1, "weekday": 6}, 3),
        ({"type": "quarterly", "nth": 4, "weekday": 1}, 1),
        ({"type": "monthly", "month_day": 10, "weekday": 4}, -2),
        ({"type": "yearly", "month": 12, "month_day": 1}, 9),
        ({"type": "yearly", "month": 1, "month_day": 30}, 1),
    ],
)
def test_the_dates_are_the_same_but_for_the_shift(pattern: dict[str, Any], by: int) -> None:
    old = config(**pattern)
    first = dates(old, date(2026, 11, 1), 1)[0]
    new = move(old, by)
    assert dates(new, date(2020, 1, 1)) == [day + timedelta(days=by) for day in dates(old, first)]
    assert (new.start_time, new.end_time) == (TEN, TWELVE)


@pytest.mark.parametrize(
    ("pattern", "by"),
    [
        ({"type": "monthly", "month_day": -1}, 1),
        ({"type": "monthly", "month_day": -1}, 3),
        ({"type": "monthly", "month_day": 1}, -2),
        ({"type": "monthly", "nth": -1, "weekday": 4}, 20),
        ({"type": "monthly", "month_day": 31}, -1),
        ({"type": "monthly", "month_day": 28}, 1),
        ({"type": "monthly", "month_day": 31, "clamp": True}, -1),
        ({"type": "monthly", "month_day": 1}, -1),
        ({"type": "monthly", "nth": -1, "weekday": 4}, 1),
        ({"type": "monthly", "nth": 5, "weekday": 4}, 1),
        # The Sunday moves into a week that is left out.
        ({"weekdays": [1, 6], "interval": 2, "start_date": "2026-11-03"}, 1),
    ],
)
def test_a_shift_without_a_pattern_is_refused(pattern: dict[str, Any], by: int) -> None:
    with pytest.raises(ShiftError):
        move(config(**pattern), by)


def test_another_time_alone_is_possible_for_every_pattern() -> None:
    old = config(type="monthly", month_day=-1)
    new = shifted(old, first=date(2026, 11, 30), by=0, start_time=time(14), end_time=time(15))
    assert dates(new, date(2026, 11, 1)) == dates(old, date(2026, 11, 1))
    assert (new.start_time, new.end_time) == (time(14), time(15))


def test_the_end_and_skipped_dates_move_along() -> None:
    old = config(weekday=1, until="2026-12-22", skip_dates=["2026-11-03", "2026-12-01"])
    new = move(old, 1, first=date(2026, 11, 24))
    assert new.until == date(2026, 12, 23)
    assert new.skip_dates == {date(2026, 12, 2)}
    assert new.start_date == date(2026, 11, 25)


def test_a_count_is_of_the_dates_left() -> None:
    old = config(weekday=1, start_date="2026-11-03", count=5)
    first, rest = ended(old, before=date(2026, 11, 17)), move(old, 1, first=date(2026, 11, 17))
    assert dates(first, date(2026, 1, 1)) == [date(2026, 11, 3), date(2026, 11, 10)]
    assert rest.count == 3
    assert dates(rest, date(2026, 1, 1)) == [date(2026, 11, 18), date(2026, 11, 25), date(2026, 12, 2)]


def test_a_date_on_the_day_before_is_none_of_those_left() -> None:
    old = config(weekdays=[0, 1], start_date="2026-11-02", count=6)
    assert move(old, 1, first=date(2026, 11, 3)).count == 5


def test_a_first_date_that_is_skipped_stays_so() -> None:
    old = config(weekday=1, skip_dates=["2026-11-17", "2026-11-24"])
    assert from_day(old, date(2026, 11, 24)).skip_dates == {date(2026, 11, 24)}


@given(
    weekdays=st.sets(st.integers(0, 6), min_size=1),
    interval=st.integers(1, 4),
    by=st.integers(-20, 20),
    position=st.integers(0, 8),
)
def test_any_weekly_pattern_is_shifted_exactly_or_refused(
    weekdays: set[int], interval: int, by: int, position: int
) -> None:
    old = config(weekdays=sorted(weekdays), interval=interval, start_date="2026-11-02")
    first = dates(old, date(2026, 11, 2))[position]
    try:
        new = move(old, by, first=first)
    except ShiftError:
        assert len(weekdays) > 1 and interval > 1
        return
    assert dates(new, date(2020, 1, 1)) == [day + timedelta(days=by) for day in dates(old, first)]


def test_from_a_day_on_it_keeps_its_rhythm() -> None:
    old = config(weekday=1, interval=2, start_date="2026-11-03")
    new = from_day(old, date(2026, 11, 11))
    assert new.start_date == date(2026, 11, 17)
    assert dates(new, date(2020, 1, 1)) == dates(old, date(2026, 11, 11))


def test_from_a_day_after_its_end_nothing_is_left() -> None:
    with pytest.raises(ShiftError):
        from_day(config(weekday=1, until="2026-11-10"), date(2026, 11, 11))


def test_a_pattern_that_ends_goes_on_to_the_day_before_whatever_its_count_was() -> None:
    counted = config(weekday=1, start_date="2026-11-03", count=9)
    found = ended(counted, before=date(2026, 11, 24))
    assert (found.until, found.count) == (date(2026, 11, 23), None)
    assert dates(found, date(2026, 1, 1)) == [date(2026, 11, 3), date(2026, 11, 10), date(2026, 11, 17)]


def test_a_pattern_from_a_day_on_has_its_own_times() -> None:
    found = from_day(config(weekday=1), date(2026, 11, 4))
    assert (found.start_time, found.end_time, found.start_date) == (TEN, TWELVE, date(2026, 11, 10))
