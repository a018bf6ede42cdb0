"""A child's vaccination calendar, on time and caught up, and its reminders."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medications.rules import vaccinations

BORN = date(2026, 1, 15)
WEEK = timedelta(weeks=1)

ON_TIME = {
    ("bcg", 1): date(2026, 1, 15),
    ("opv", 0): date(2026, 1, 15),
    ("opv", 1): BORN + 6 * WEEK,
    ("rv", 1): BORN + 6 * WEEK,
    ("pcv", 1): BORN + 6 * WEEK,
    ("hexavalent", 1): BORN + 6 * WEEK,
    ("hexavalent", 2): BORN + 10 * WEEK,
    ("rv", 2): BORN + 14 * WEEK,
    ("pcv", 2): BORN + 14 * WEEK,
    ("hexavalent", 3): BORN + 14 * WEEK,
    ("mr", 1): date(2026, 7, 15),
    ("pcv", 3): date(2026, 10, 15),
    ("mr", 2): date(2027, 1, 15),
    ("hexavalent", 4): date(2027, 7, 15),
    ("td", 1): date(2032, 1, 15),
    ("td", 2): date(2038, 1, 15),
}


def planned(today, given=None, born=BORN):
    doses = vaccinations.calendar(born, given=given or {}, today=today)
    return {(dose.vaccine, dose.dose_number): dose for dose in doses}


def test_a_newborns_calendar_is_the_schedule_in_order_of_date():
    doses = vaccinations.calendar(BORN, given={}, today=BORN)
    assert [((dose.vaccine, dose.dose_number), dose.due_on) for dose in doses] == list(ON_TIME.items())


def test_doses_given_on_time_move_none():
    calendar = planned(date(2039, 1, 1), given=ON_TIME)
    assert {key: dose.due_on for key, dose in calendar.items()} == ON_TIME
    assert {dose.state for dose in calendar.values()} == {"given"}
    assert {key: dose.given_on for key, dose in calendar.items()} == ON_TIME


@pytest.mark.parametrize(("days", "state"), [(-1, "upcoming"), (0, "due"), (1, "overdue")])
def test_a_dose_is_due_on_its_day_and_overdue_after_it(days, state):
    assert planned(BORN + 6 * WEEK + timedelta(days=days))["rv", 1].state == state


@pytest.mark.parametrize(
    ("vaccine", "late_dose", "given_on", "next_due_on"),
    [
        ("opv", 0, date(2026, 2, 20), date(2026, 3, 20)),
        ("rv", 1, date(2026, 4, 10), date(2026, 5, 8)),
        ("pcv", 1, date(2026, 4, 10), date(2026, 6, 5)),
        ("pcv", 2, date(2026, 9, 1), date(2026, 10, 27)),
        ("hexavalent", 1, date(2026, 4, 10), date(2026, 5, 8)),
        ("hexavalent", 3, date(2027, 3, 31), date(2027, 9, 30)),
        (
            "hexavalent",
            3,
            date(2026, 5, 30),
            date(2027, 7, 15),
        ),  # not late enough to matter
        ("mr", 1, date(2027, 1, 10), date(2027, 2, 7)),
        ("td", 1, date(2036, 5, 1), date(2040, 5, 1)),
    ],
)
def test_a_late_dose_moves_the_next_by_the_minimum_interval(vaccine, late_dose, given_on, next_due_on):
    calendar = planned(given_on, given={**ON_TIME, (vaccine, late_dose): given_on})
    assert calendar[vaccine, late_dose + 1].due_on == next_due_on


def test_catching_up_moves_the_whole_series():
    calendar = planned(date(2026, 6, 1), given={("hexavalent", 1): date(2026, 6, 1)})
    assert [calendar["hexavalent", number].due_on for number in (2, 3, 4)] == [
        date(2026, 6, 29),
        date(2026, 7, 27),
        date(2027, 7, 15),
    ]


def test_a_caught_up_calendar_is_in_order_of_date():
    doses = vaccinations.calendar(BORN, given={}, today=date(2027, 6, 1))
    due_on = [dose.due_on for dose in doses]
    assert due_on == sorted(due_on)


def test_a_dose_that_waits_for_an_overdue_one_is_not_overdue_itself():
    calendar = planned(date(2026, 6, 1))
    assert (calendar["rv", 1].state, calendar["rv", 1].due_on) == (
        "overdue",
        BORN + 6 * WEEK,
    )
    assert (calendar["rv", 2].state, calendar["rv", 2].due_on) == (
        "upcoming",
        date(2026, 6, 29),
    )


def test_one_vaccine_does_not_move_another():
    calendar = planned(date(2026, 6, 1), given={("rv", 1): date(2026, 6, 1)})
    assert calendar["mr", 1].due_on == date(2026, 7, 15)


def test_a_vaccine_outside_the_schedule_is_left_aside():
    assert planned(BORN, given={("influenza", 1): BORN}) == planned(BORN)


@pytest.mark.parametrize(
    ("born", "key", "due_on"),
    [
        (date(2026, 8, 31), ("mr", 1), date(2027, 2, 28)),
        (date(2024, 2, 29), ("td", 1), date(2030, 2, 28)),
        (date(2024, 2, 29), ("td", 2), date(2036, 2, 29)),
        (date(2026, 12, 31), ("mr", 2), date(2027, 12, 31)),
    ],
)
def test_a_month_that_is_too_short_ends_on_its_last_day(born, key, due_on):
    assert planned(born, born=born)[key].due_on == due_on


@pytest.mark.parametrize(
    ("next_due_date", "timezone", "at"),
    [
        (
            date(2026, 7, 15),
            "Africa/Johannesburg",
            datetime(2026, 7, 14, 7, tzinfo=UTC),
        ),
        (date(2026, 3, 30), "Europe/London", datetime(2026, 3, 29, 8, tzinfo=UTC)),
        (date(2026, 3, 1), "America/New_York", datetime(2026, 2, 28, 14, tzinfo=UTC)),
    ],
)
def test_the_reminder_is_at_nine_on_the_day_before(next_due_date, timezone, at):
    assert vaccinations.reminder_at(next_due_date, timezone) == at


KEYS = [(dose.vaccine, dose.dose_number) for dose in vaccinations.SCHEDULE]


@given(
    born=st.dates(date(2015, 1, 1), date(2030, 1, 1)),
    ages=st.dictionaries(st.sampled_from(KEYS), st.integers(0, 5000)),
    age=st.integers(0, 5000),
)
def test_no_dose_is_planned_before_its_age_or_sooner_than_its_interval(born, ages, age):
    given_on = {key: born + timedelta(days=days) for key, days in ages.items() if days <= age}
    calendar = planned(born + timedelta(days=age), given=given_on, born=born)
    assert sorted(calendar) == sorted(KEYS)
    for dose in vaccinations.SCHEDULE:
        found = calendar[dose.vaccine, dose.dose_number]
        assert found.due_on >= dose.age.after(born)
        before = given_on.get((dose.vaccine, dose.dose_number - 1))
        if before:
            assert found.due_on >= dose.interval.after(before)
