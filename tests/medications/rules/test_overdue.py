"""When people are asked again about an overdue vaccination, and when the nurse looks for them."""

from datetime import date, timedelta

import pytest

from medications.rules.overdue import LATE, ask_now, asked_about, looked_for_on

DUE = date(2026, 11, 1)
DAYS = (7, 14, 30)


def days(number: int) -> timedelta:
    return timedelta(days=number)


@pytest.mark.parametrize(
    ("overdue", "asked"),
    [(6, None), (7, 7), (13, 7), (14, 14), (20, 14), (21, None), (29, None), (30, 30), (36, 30), (37, None)],
)
def test_on_the_day_or_up_to_six_days_late_after_an_outage(overdue: int, asked: int | None) -> None:
    assert days(6) == LATE
    assert ask_now(DUE, DUE + days(overdue), DAYS) == asked


def test_of_several_that_are_late_the_latest_is_asked() -> None:
    assert ask_now(DUE, DUE + days(10), (7, 9, 10, 11)) == 10


@pytest.mark.parametrize("overdue", range(40))
def test_the_due_dates_to_look_at_have_all_that_are_asked_wherever_it_is_that_day(overdue: int) -> None:
    for today in (DUE + days(overdue + off) for off in (-1, 0, 1)):
        if ask_now(DUE, today, DAYS) is not None:
            looked_at = asked_about(DUE + days(overdue), DAYS)
            assert any(first <= DUE <= last for first, last in looked_at)


def test_and_no_more_than_a_day_on_either_side() -> None:
    today = DUE + days(60)
    assert asked_about(today, [7]) == [(today - days(7 + 6 + 1), today - days(6))]


def test_the_nurse_looks_after_the_last_ask_or_at_once_when_nobody_can_be_asked() -> None:
    assert looked_for_on(DUE, DAYS, can_be_asked=True) == DUE + days(30)
    assert looked_for_on(DUE, DAYS, can_be_asked=False) == DUE + days(7)
