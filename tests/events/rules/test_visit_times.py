"""When people are reminded of a visit, and when it is over."""

from datetime import UTC, date, datetime, timedelta

import pytest

from events.rules.visit_times import (
    MISSED_IS_NEWS,
    Step,
    due_step,
    ends_at,
    missed_is_news_until,
    missed_told_at,
    next_step_at,
    steps,
)

ZONE = "Africa/Johannesburg"
DAY = date(2026, 12, 3)


def moment(day: int, hour: int, month: int = 12) -> datetime:
    """Of the clinic's wall, two hours before it in UTC."""
    return datetime(2026, month, day, hour, tzinfo=UTC) - timedelta(hours=2)


def test_a_week_and_a_day_before_at_nine_and_over_at_midnight() -> None:
    assert steps(DAY, ZONE, planned_on=date(2026, 11, 1)) == [
        (moment(26, 9, 11), Step.WEEK),
        (moment(2, 9), Step.DAY),
        (moment(4, 0), Step.OVER),
    ]


@pytest.mark.parametrize(
    ("planned_on", "reminders"),
    [
        (date(2026, 11, 25), [Step.WEEK, Step.DAY]),  # eight days ahead
        (date(2026, 11, 26), [Step.DAY]),
        (date(2026, 12, 1), [Step.DAY]),  # on Tuesday for Thursday: reminded on Wednesday
        (date(2026, 12, 2), []),
        (DAY, []),
    ],
)
def test_who_has_just_planned_it_is_not_reminded(planned_on: date, reminders: list[Step]) -> None:
    assert [due.step for due in steps(DAY, ZONE, planned_on=planned_on)] == [*reminders, Step.OVER]


def test_nine_is_on_the_clinics_wall_over_a_clock_change() -> None:
    [week, day, _over] = steps(date(2027, 3, 29), "Europe/London", planned_on=date(2027, 3, 1))
    assert (week.at.astimezone(UTC).hour, day.at.astimezone(UTC).hour) == (9, 8)


def test_after_an_outage_the_latest_counts_alone() -> None:
    long_ago = date(2026, 11, 1)
    due = [
        due_step(DAY, ZONE, planned_on=long_ago, now=now)
        for now in (moment(26, 8, 11), moment(1, 12), moment(3, 7), moment(4, 0))
    ]
    assert due == [None, Step.WEEK, Step.DAY, Step.OVER]


def test_the_next_step_is_after_now_and_the_last_one_stays() -> None:
    long_ago = date(2026, 11, 1)
    found = [
        next_step_at(DAY, ZONE, planned_on=long_ago, now=now)
        for now in (moment(26, 9, 11), moment(2, 9), moment(20, 9))
    ]
    assert found == [moment(2, 9), moment(4, 0), moment(4, 0)]


def test_the_day_ends_at_midnight_and_people_are_told_at_nine() -> None:
    assert (ends_at(DAY, ZONE), missed_told_at(DAY, ZONE)) == (moment(4, 0), moment(4, 9))


def test_for_some_days_a_missed_visit_is_news() -> None:
    assert missed_is_news_until(DAY, ZONE) == ends_at(DAY, ZONE) + MISSED_IS_NEWS
