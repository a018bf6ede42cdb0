"""On which days a visit may be, and which are asked about or offered."""

from datetime import date

import pytest

from events.rules.visit_days import (
    DayProblem,
    DayQuestion,
    in_months,
    is_working_day,
    offered,
    problem_of,
    question_about,
    working_day_before,
)

TODAY = date(2026, 12, 1)


@pytest.mark.parametrize(
    ("day", "problem"),
    [
        (date(2026, 11, 30), DayProblem.PAST),
        (TODAY, None),
        (date(2028, 1, 1), None),
        (date(2028, 1, 2), DayProblem.TOO_FAR),
        (date(2206, 12, 3), DayProblem.TOO_FAR),
    ],
)
def test_from_today_to_thirteen_months_ahead(day: date, problem: DayProblem | None) -> None:
    assert problem_of(day, today=TODAY) == problem


@pytest.mark.parametrize(
    ("day", "question"),
    [
        (date(2026, 12, 6), DayQuestion.SUNDAY),
        (date(2026, 12, 16), DayQuestion.HOLIDAY),  # Day of Reconciliation
        (date(2026, 12, 5), None),
        (date(2026, 12, 7), None),
    ],
)
def test_sundays_and_holidays_are_asked_about(day: date, question: DayQuestion | None) -> None:
    assert question_about(day) == question


def test_patients_choose_among_working_days_from_tomorrow() -> None:
    days = offered(date(2026, 12, 14))
    assert days == [date(2026, 12, day) for day in (15, 17, 18, 21, 22, 23, 24, 28)]
    assert all(map(is_working_day, days))


@pytest.mark.parametrize(("day", "before"), [(24, 24), (25, 24), (26, 24), (27, 24), (28, 28)])
def test_a_closed_day_gives_way_to_the_working_day_before(day: int, before: int) -> None:
    assert working_day_before(date(2026, 12, day)) == date(2026, 12, before)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 31), 1, date(2027, 1, 31)),
        (date(2027, 11, 29), 3, date(2028, 2, 29)),
    ],
)
def test_months_end_with_their_last_day(day: date, months: int, later: date) -> None:
    assert in_months(day, months) == later
