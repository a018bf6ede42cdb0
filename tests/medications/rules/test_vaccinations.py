"""A child's vaccination calendar, on time and caught up, and its reminders."""

from datetime import UTC, date, datetime, timedelta

import pytest

from medications.rules import vaccinations
from medications.rules.examples.vaccinations import BORN, EXAMPLES, VACCINE, Example
from medications.rules.vaccinations import State
from medications.rules.vaccine_table import has_dose

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


def given(*shots):
    """From (vaccine, dose number, day) each."""
    return [vaccinations.Given(vaccine=vaccine, dose_number=number, on=on) for vaccine, number, on in shots]


def of(mapping):
    return given(*((*key, on) for key, on in mapping.items()))


def planned(today, shots=(), born=BORN):
    """By vaccine and dose number; what doesn't count is left out."""
    doses = vaccinations.calendar(born, given=shots, today=today)
    return {(dose.vaccine, dose.dose_number): dose for dose in doses if dose.state != "not_counted"}


def states(vaccine, today, shots=(), born=BORN):
    return [dose.state for key, dose in sorted(planned(today, shots, born).items()) if key[0] == vaccine]


def test_a_newborns_calendar_is_the_schedule_in_order_of_date():
    doses = vaccinations.calendar(BORN, given=[], today=BORN)
    assert [((dose.vaccine, dose.dose_number), dose.due_on) for dose in doses] == list(ON_TIME.items())


def test_doses_given_on_time_move_none():
    calendar = planned(date(2039, 1, 1), of(ON_TIME))
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
        ("hexavalent", 3, date(2027, 3, 31), date(2028, 3, 31)),
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
    before = {key: on for key, on in ON_TIME.items() if key != (vaccine, late_dose) and on < given_on}
    before = {key: on for key, on in before.items() if key[0] != vaccine or key[1] < late_dose}
    calendar = planned(given_on, of(before | {(vaccine, late_dose): given_on}))
    assert calendar[vaccine, late_dose + 1].due_on == next_due_on


def test_catching_up_moves_the_whole_series():
    calendar = planned(date(2026, 6, 1), given(("hexavalent", 1, date(2026, 6, 1))))
    assert [calendar["hexavalent", number].due_on for number in (2, 3, 4)] == [
        date(2026, 6, 29),
        date(2026, 7, 27),
        date(2027, 7, 27),
    ]


def test_a_caught_up_calendar_is_in_order_of_date():
    doses = vaccinations.calendar(BORN, given=[], today=date(2027, 6, 1))
    due_on = [dose.due_on for dose in doses if dose.due_on]
    assert due_on == sorted(due_on)
    assert all(dose.due_on is None for dose in doses[len(due_on) :])


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
    calendar = planned(date(2026, 6, 1), given(("rv", 1, date(2026, 6, 1))))
    assert calendar["mr", 1].due_on == date(2026, 7, 15)


def test_a_vaccine_outside_the_schedule_is_left_aside():
    assert planned(BORN, given(("influenza", 1, BORN))) == planned(BORN)


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


TODAY = date(2026, 11, 28)
LATE = date(2023, 11, 20)
"""Three years old, and nothing was given."""


def test_a_three_year_old_is_not_told_of_what_is_no_longer_given():
    calendar = planned(TODAY, born=LATE)
    assert {key: dose.state for key, dose in calendar.items()} == {
        ("bcg", 1): "no_longer",
        ("opv", 0): "no_longer",
        ("opv", 1): "no_longer",
        ("rv", 1): "no_longer",
        ("rv", 2): "no_longer",
        ("pcv", 1): "overdue",
        ("pcv", 2): "not_needed",
        ("pcv", 3): "not_needed",
        ("hexavalent", 1): "overdue",
        ("hexavalent", 2): "upcoming",
        ("hexavalent", 3): "upcoming",
        ("hexavalent", 4): "upcoming",
        ("mr", 1): "overdue",
        ("mr", 2): "upcoming",
        ("td", 1): "upcoming",
        ("td", 2): "upcoming",
    }
    assert [calendar["hexavalent", number].due_on for number in (2, 3, 4)] == [
        date(2026, 12, 26),
        date(2027, 1, 23),
        date(2028, 1, 23),
    ]
    assert calendar["mr", 2].due_on == date(2026, 12, 26)
    assert not any(dose.due_on for dose in calendar.values() if dose.state in ("no_longer", "not_needed"))


def age(weeks=0, days=0):
    return BORN + timedelta(weeks=weeks, days=days)


@pytest.mark.parametrize(
    "example",
    [
        *EXAMPLES,
        Example(200 * WEEK, None, (State.NO_LONGER, State.NO_LONGER)),
        # Given after its last age it counts all the same.
        Example(31 * WEEK, 30 * WEEK, (State.GIVEN, State.NOT_NEEDED)),
    ],
)
def test_rotavirus_starts_late_with_one_dose_and_then_not_at_all(example):
    """By the examples that the page for staff says in words."""
    shots = [] if example.first_given is None else given((VACCINE, 1, BORN + example.first_given))
    assert tuple(states(VACCINE, BORN + example.age, shots)) == example.states


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2026, 7, 14), [None, date(2026, 9, 8), date(2026, 11, 3)]),  # under 6 months, as scheduled
        (date(2026, 7, 15), [None, date(2026, 8, 12), date(2026, 10, 7)]),
        (date(2027, 1, 14), [None, date(2027, 2, 11), date(2027, 4, 8)]),
        (date(2027, 1, 15), [None, None, None]),
        (date(2032, 1, 14), [None, None, None]),
    ],
)
def test_pneumococcal_needs_fewer_doses_the_later_it_starts(today, expected):
    calendar = planned(today)
    assert calendar["pcv", 1].state == "overdue"
    assert [calendar["pcv", number].due_on for number in (2, 3)] == expected[1:]


def test_pneumococcal_ends_at_six_years():
    assert states("pcv", date(2032, 1, 15)) == ["no_longer"] * 3


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (date(2026, 7, 15), date(2027, 1, 15)),
        (date(2026, 12, 14), date(2027, 1, 15)),
        (date(2026, 12, 15), date(2027, 1, 12)),  # from 11 months four weeks apart
        (date(2029, 1, 1), date(2029, 1, 29)),
    ],
)
def test_the_second_measles_dose_waits_for_twelve_months_or_else_four_weeks(first, second):
    assert planned(first, given(("mr", 1, first)))["mr", 2].due_on == second


def test_the_fourth_hexavalent_dose_is_a_year_after_the_third_and_not_before_eighteen_months():
    third = date(2026, 4, 23)
    first = given(("hexavalent", 1, age(6)), ("hexavalent", 2, age(10)))
    on_time = planned(third, [*first, *given(("hexavalent", 3, third))])
    assert on_time["hexavalent", 4].due_on == date(2027, 7, 15)
    late = date(2026, 12, 1)
    assert planned(late, [*first, *given(("hexavalent", 3, late))])["hexavalent", 4].due_on == date(
        2027, 12, 1
    )


def test_a_dose_that_would_come_after_its_last_age_is_no_longer_planned():
    started = date(2030, 9, 1)  # four years and a half
    calendar = planned(started, given(("hexavalent", 1, started)))
    assert [calendar["hexavalent", number].state for number in (1, 2, 3, 4)] == [
        "given",
        "upcoming",
        "upcoming",
        "no_longer",
    ]


@pytest.mark.parametrize(
    ("born", "vaccine", "last_day"),
    [
        (BORN, "bcg", date(2027, 1, 14)),
        (BORN, "opv", date(2026, 7, 14)),
        (BORN, "hexavalent", date(2031, 1, 14)),
        (date(2024, 2, 29), "hexavalent", date(2029, 2, 27)),
    ],
)
def test_a_dose_may_be_given_until_the_day_before_its_last_age(born, vaccine, last_day):
    assert states(vaccine, last_day, born=born)[0] == "overdue"
    assert states(vaccine, last_day + timedelta(days=1), born=born)[0] == "no_longer"


def test_a_dose_too_soon_after_the_one_before_does_not_count():
    """The child of the clinic's case: hexavalent on 13 and on 20 July."""
    born = date(2026, 5, 1)
    shots = given(("hexavalent", 1, date(2026, 7, 13)), ("hexavalent", 2, date(2026, 7, 20)))
    doses = vaccinations.calendar(born, given=shots, today=date(2026, 7, 21))
    hexavalent = [dose for dose in doses if dose.vaccine == "hexavalent"]
    assert [(dose.dose_number, dose.state, dose.due_on or dose.given_on) for dose in hexavalent] == [
        (1, "given", date(2026, 7, 13)),
        (2, "not_counted", date(2026, 7, 20)),
        (
            2,
            "upcoming",
            date(2026, 8, 17),
        ),  # four weeks after the last injection, whether that counted or not
        (3, "upcoming", date(2026, 9, 14)),
        (4, "upcoming", date(2027, 11, 1)),
    ]
    assert hexavalent[1].counts_from == date(2026, 8, 10)


def test_a_dose_before_its_first_age_does_not_count():
    shots = given(("mr", 1, date(2026, 7, 14)))
    assert [dose.state for dose in vaccinations.calendar(BORN, given=shots, today=date(2026, 7, 14))].count(
        "not_counted"
    ) == 1
    assert planned(date(2026, 7, 14), shots)["mr", 1].due_on == date(2026, 8, 11)


def test_what_was_repeated_counts_from_then():
    shots = given(
        ("hexavalent", 1, age(6)),
        ("hexavalent", 2, age(7)),
        ("hexavalent", 2, age(11)),
    )
    calendar = planned(age(11), shots)
    assert calendar["hexavalent", 2].given_on == age(11)
    assert calendar["hexavalent", 3].due_on == age(15)


def test_two_doses_of_one_vaccine_on_one_day_are_one():
    shots = given(("pcv", 1, age(8)), ("pcv", 2, age(8)))
    assert planned(age(9), shots)["pcv", 2].due_on == age(16)


def test_what_was_given_after_its_last_age_was_given_and_nothing_follows():
    [judged] = vaccinations.judged("bcg", LATE, given(("bcg", 1, date(2025, 1, 1))))
    assert judged.counts
    assert judged.after_last_age
    assert states("bcg", TODAY, given(("bcg", 1, date(2025, 1, 1))), born=LATE) == ["given"]


def test_more_than_the_course_needs_is_said():
    shots = given(("pcv", 1, date(2027, 2, 1)), ("pcv", 2, date(2027, 5, 1)))
    assert [each.beyond_course for each in vaccinations.judged("pcv", BORN, shots)] == [False, True]


def test_all_that_was_more_than_needed_is_said():
    shots = given(*(("pcv", number, date(2027, 2 + number, 1)) for number in (1, 2, 3)))
    found = vaccinations.judged("pcv", BORN, shots)
    assert [each.beyond_course for each in found] == [False, True, True]


def test_the_course_begins_when_an_injection_counts():
    """Rotavirus every three weeks from the fifth on: each comes too early. The next counts at 21 weeks, as the one."""
    shots = given(*(("rv", 1, age(weeks)) for weeks in (5, 8, 11, 14, 17)))
    assert [each.counts for each in vaccinations.judged("rv", BORN, shots)] == [False] * 5
    calendar = planned(age(17), shots)
    assert (calendar["rv", 1].state, calendar["rv", 1].due_on) == ("upcoming", age(21))
    assert calendar["rv", 2].state == "not_needed"


def test_who_is_too_old_for_the_second_dose_is_so_for_those_after_it():
    shots = given(("hexavalent", 1, date(2030, 12, 20)))  # four weeks before the fifth birthday
    assert states("hexavalent", date(2030, 12, 20), shots) == ["given", *["no_longer"] * 3]


def test_of_the_doses_to_come_only_the_next_says_from_when_it_counts():
    calendar = planned(age(6), given(("hexavalent", 1, age(6))))
    assert [calendar["hexavalent", number].counts_from for number in (2, 3, 4)] == [age(10), None, None]


def test_an_only_dose_of_another_number_is_one_dose():
    """Nothing else is on paper: what isn't, counts as not given."""
    calendar = planned(date(2026, 7, 1), given(("hexavalent", 3, date(2026, 7, 1))))
    assert [calendar["hexavalent", number].due_on for number in (1, 2, 4)] == [
        date(2026, 7, 29),
        date(2026, 8, 26),
        date(2027, 8, 26),
    ]
    assert calendar["hexavalent", 3].state == "given"


@pytest.mark.parametrize("number", [-1, 2, 3, 99])
def test_a_vaccine_has_no_other_dose_numbers(number):
    assert not has_dose("opv", number)
    assert not has_dose("bcg", number)


def test_a_vaccine_outside_the_table_has_any_sensible_number():
    assert has_dose("flu", 1)
    assert has_dose("flu", 30)
    assert not has_dose("flu", 0)
    assert not has_dose("flu", 31)


def test_the_longest_life_does_not_end_the_calendar():
    assert planned(date.max, born=date(9990, 1, 1))["td", 1].due_on
    assert vaccinations.calendar(date.min, given=[], today=date.min)


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


def test_nobody_is_called_for_a_dose_that_would_come_too_early_to_count():
    late = given(("hexavalent", 1, date(2026, 11, 22)))
    planned = vaccinations.OpenDose(vaccine="hexavalent", dose_number=2, due_on=date(2026, 11, 25))
    asked = {
        on: vaccinations.still_to_give(planned, born=date(2026, 9, 1), given=late, on=on)
        for on in (date(2026, 11, 25), date(2026, 12, 19), date(2026, 12, 20))
    }
    assert list(asked.values()) == [False, False, True]


@pytest.mark.parametrize(
    ("vaccine", "number", "born", "due_on", "shots", "is_asked"),
    [
        ("hexavalent", 1, BORN, date(2026, 3, 1), [], True),
        ("hexavalent", 1, BORN, date(2026, 3, 1), [("hexavalent", 1, date(2026, 3, 1))], False),
        ("hexavalent", 1, None, date(2026, 3, 1), [("hexavalent", 1, date(2026, 3, 1))], True),
        ("influenza", 1, BORN, date(2026, 3, 1), [("influenza", 1, date(2026, 3, 1))], True),
        # What the clinic put down under a number that the table doesn't have, for as long as any is given.
        ("hexavalent", 9, BORN, date(2026, 3, 1), [], True),
        ("bcg", 9, date(2024, 1, 15), date(2026, 3, 1), [], False),
        ("bcg", 1, date(2024, 1, 15), date(2026, 3, 1), [], False),
        # Of grown-ups the table knows nothing.
        ("td", 1, date(2013, 3, 1), date(2026, 3, 1), [("td", 1, date(2019, 4, 1))], True),
        (
            "td",
            2,
            date(2013, 3, 2),
            date(2026, 3, 1),
            [("td", 1, date(2019, 4, 1)), ("td", 2, date(2025, 1, 1))],
            False,
        ),
    ],
)
def test_who_is_asked_to_come(vaccine, number, born, due_on, shots, is_asked):
    planned = vaccinations.OpenDose(vaccine=vaccine, dose_number=number, due_on=due_on)
    found = vaccinations.still_to_give(planned, born=born, given=given(*shots), on=date(2026, 6, 1))
    assert found is is_asked


def test_each_that_counts_is_measured_by_its_own_place_in_the_course():
    months = [
        date(2026, 3, 1),
        date(2026, 4, 1),
        date(2026, 5, 1),
        date(2027, 1, 15),
        date(2028, 2, 1),
        date(2028, 6, 1),
    ]
    found = vaccinations.judged("hexavalent", BORN, given(*(("hexavalent", 1, day) for day in months)))
    assert [(each.counts_from, each.beyond_course) for each in found] == [
        (None, False),
        (None, False),
        (None, False),
        (date(2027, 7, 15), False),  # the fourth is for eighteen months
        (None, False),  # a year after the one that didn't count
        (None, True),
    ]
