"""What is refused of a recorded vaccination, and what a nurse is told before she saves it."""

from datetime import date, timedelta

import pytest

from medications.rules.vaccination_checks import (
    FURTHEST,
    Advice,
    Kind,
    Problem,
    advice_on,
    may_be_given,
    problem_of,
)
from medications.rules.vaccinations import Given

BORN = date(2026, 1, 15)
TODAY = date(2026, 11, 24)
WEEK = timedelta(weeks=1)
ONE_DAY = timedelta(days=1)


def shot(vaccine: str, number: int, on: date) -> Given:
    return Given(vaccine=vaccine, dose_number=number, on=on)


@pytest.mark.parametrize(
    ("day", "given", "problem"),
    [
        (BORN - ONE_DAY, True, Problem.BEFORE_BIRTH),
        (BORN, True, None),
        (TODAY, True, None),
        (TODAY + ONE_DAY, True, Problem.IN_FUTURE),
        (TODAY + ONE_DAY, False, None),
        (TODAY + FURTHEST, False, None),
        (TODAY + FURTHEST + ONE_DAY, False, Problem.TOO_FAR),
        (BORN - ONE_DAY, False, Problem.BEFORE_BIRTH),
    ],
)
def test_which_days_cannot_be_right(day: date, given: bool, problem: Problem | None) -> None:
    assert problem_of(day, born=BORN, died=None, today=TODAY, given=given) == problem


@pytest.mark.parametrize("given", [True, False])
def test_nothing_is_given_after_a_death(given: bool) -> None:
    died = date(2026, 5, 1)
    assert problem_of(died, born=BORN, died=died, today=TODAY, given=given) is None
    found = problem_of(died + ONE_DAY, born=BORN, died=died, today=TODAY, given=given)
    assert found is Problem.AFTER_DEATH


def test_without_a_date_of_birth_a_day_of_long_ago_may_be_right() -> None:
    assert problem_of(date(1960, 1, 1), born=None, died=None, today=TODAY, given=True) is None


@pytest.mark.parametrize(
    ("candidate", "others", "advice"),
    [
        # In time, and the table's own next dose.
        (shot("hexavalent", 1, BORN + 6 * WEEK), [], []),
        (
            shot("hexavalent", 1, BORN + 6 * WEEK - ONE_DAY),
            [],
            [Advice(kind=Kind.TOO_EARLY, day=BORN + 6 * WEEK)],
        ),
        (
            shot("hexavalent", 2, BORN + 11 * WEEK),
            [shot("hexavalent", 1, BORN + 8 * WEEK), shot("rv", 1, BORN + 10 * WEEK)],
            [Advice(kind=Kind.TOO_EARLY, day=BORN + 12 * WEEK)],
        ),
        (shot("rv", 1, BORN + 24 * WEEK), [], [Advice(kind=Kind.TOO_OLD)]),
        (shot("bcg", 1, date(2027, 1, 14)), [], []),
        (shot("bcg", 1, date(2027, 1, 15)), [], [Advice(kind=Kind.TOO_OLD)]),
        (shot("bcg", 1, BORN + 9 * WEEK), [shot("bcg", 1, BORN)], [Advice(kind=Kind.NOT_NEEDED)]),
        # Put down afterwards, it comes too soon before one that was given.
        (
            shot("hexavalent", 1, BORN + 8 * WEEK),
            [shot("hexavalent", 2, BORN + 10 * WEEK)],
            [Advice(kind=Kind.UNDOES, dose_number=2, day=BORN + 10 * WEEK)],
        ),
        # What didn't count before isn't undone.
        (
            shot("hexavalent", 1, BORN + 6 * WEEK),
            [shot("hexavalent", 1, BORN + 5 * WEEK)],
            [Advice(kind=Kind.TOO_EARLY, day=BORN + 9 * WEEK)],
        ),
        # Of what the table knows nothing, nothing is said.
        (shot("influenza", 1, BORN + ONE_DAY), [], []),
        (shot("td", 1, date(2039, 1, 15)), [], []),
    ],
)
def test_what_a_nurse_is_told(candidate: Given, others: list[Given], advice: list[Advice]) -> None:
    assert advice_on(candidate, born=BORN, others=others) == advice


def test_the_day_before_thirteen_is_childhood() -> None:
    early = shot("td", 2, date(2039, 1, 14))
    others = [shot("td", 1, date(2036, 1, 15))]
    assert advice_on(early, born=BORN, others=others) == [Advice(kind=Kind.TOO_EARLY, day=date(2040, 1, 15))]


def test_without_a_date_of_birth_nothing_is_said() -> None:
    assert advice_on(shot("hexavalent", 1, BORN), born=None, others=[]) == []


FIRST = shot("hexavalent", 1, BORN + 6 * WEEK)
TOO_EARLY = shot("hexavalent", 1, BORN + 5 * WEEK)


@pytest.mark.parametrize(
    ("earlier", "number", "born", "possible"),
    [
        ([], 1, BORN, True),
        ([FIRST], 1, BORN, False),
        ([FIRST], 2, BORN, True),
        ([TOO_EARLY], 1, BORN, True),
        ([TOO_EARLY], 1, None, False),
        ([TOO_EARLY, FIRST], 1, BORN, True),  # the second came a week after the first
        ([TOO_EARLY, shot("hexavalent", 1, BORN + 9 * WEEK)], 1, BORN, False),
        ([shot("rv", 1, BORN + 6 * WEEK)], 1, BORN, True),
    ],
)
def test_a_dose_is_given_once_or_again_after_all_that_did_not_count(
    earlier: list[Given], number: int, born: date | None, possible: bool
) -> None:
    assert may_be_given(earlier, vaccine="hexavalent", dose_number=number, born=born) is possible


def test_of_a_vaccine_that_the_table_does_not_have_each_number_is_given_once() -> None:
    earlier = [shot("influenza", 1, BORN)]
    assert not may_be_given(earlier, vaccine="influenza", dose_number=1, born=BORN)
    assert may_be_given(earlier, vaccine="influenza", dose_number=2, born=BORN)


def test_from_the_thirteenth_birthday_on_nothing_is_said() -> None:
    early = shot("td", 2, date(2039, 1, 15))
    assert advice_on(early, born=BORN, others=[shot("td", 1, date(2036, 1, 15))]) == []
