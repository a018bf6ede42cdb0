"""When missed days are worth a call."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from medications.rules.missed_days import MissedDays, missed_days

TODAY = date(2026, 11, 24)


def ago(*days: int) -> list[date]:
    return [TODAY - timedelta(days=each) for each in days]


def test_the_window_is_seven_days_with_today() -> None:
    assert missed_days(ago(0, 3, 6), today=TODAY) == MissedDays(3, TODAY - timedelta(days=6))
    assert missed_days(ago(0, 3, 7), today=TODAY) is None


def test_two_in_a_row_count_up_to_yesterday_only() -> None:
    assert missed_days(ago(1, 2), today=TODAY) == MissedDays(2, TODAY - timedelta(days=2))
    assert missed_days(ago(2, 3), today=TODAY) is None


@given(st.sets(st.integers(-3, 12)))
def test_more_missed_days_never_take_somebody_off_the_list(days: set[int]) -> None:
    if missed_days(ago(*days), today=TODAY):
        for each in range(7):
            assert missed_days(ago(*days, each), today=TODAY)
