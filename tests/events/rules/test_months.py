"""Months on a wall."""

from datetime import UTC, date, datetime

import pytest

from events.rules.months import bounds, month_after, month_of


def test_a_month_is_known_by_its_first_day() -> None:
    assert month_of(date(2026, 11, 30)) == date(2026, 11, 1)


@pytest.mark.parametrize(
    ("number", "month"),
    [
        (0, date(2026, 11, 1)),
        (1, date(2026, 12, 1)),
        (2, date(2027, 1, 1)),
        (14, date(2028, 1, 1)),
        (-10, date(2026, 1, 1)),
        (-11, date(2025, 12, 1)),
    ],
)
def test_months_after_and_before(number: int, month: date) -> None:
    assert month_after(date(2026, 11, 1), number) == month


def test_the_next_one_is_one_month_after() -> None:
    assert month_after(date(2026, 12, 1)) == date(2027, 1, 1)


def test_it_begins_and_ends_at_midnight_of_the_wall_on_either_side_of_a_clock_change() -> None:
    begins, ends = bounds(date(2027, 3, 1), "Europe/London")
    assert begins.astimezone(UTC) == datetime(2027, 3, 1, tzinfo=UTC)
    assert ends.astimezone(UTC) == datetime(2027, 3, 31, 23, tzinfo=UTC)


def test_a_month_of_summer_begins_an_hour_earlier_than_in_utc() -> None:
    begins, ends = bounds(date(2027, 10, 1), "Europe/London")
    assert begins.astimezone(UTC) == datetime(2027, 9, 30, 23, tzinfo=UTC)
    assert ends.astimezone(UTC) == datetime(2027, 11, 1, tzinfo=UTC)
