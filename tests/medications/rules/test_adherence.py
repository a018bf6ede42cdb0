"""Adherence: the proportion of days covered by the refills that were collected."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medications.rules import adherence
from medications.rules.errors import RuleError

START, END = date(2026, 6, 1), date(2026, 6, 30)


@pytest.mark.parametrize(
    ("fills", "covered"),
    [
        ([], 0),
        ([(date(2026, 6, 1), 30)], 30),
        ([(date(2026, 6, 1), 15)], 15),
        ([(date(2026, 6, 16), 30)], 15),  # late: half of the month is not covered
        ([(date(2026, 6, 1), 10), (date(2026, 6, 6), 10)], 20),  # early: carried forward
        ([(date(2026, 6, 1), 28), (date(2026, 6, 2), 28)], 30),  # at most all of it
        ([(date(2026, 6, 6), 10), (date(2026, 6, 1), 10)], 20),
        ([(date(2026, 5, 25), 10)], 3),  # collected before the period, as far as it lasts
        ([(date(2026, 5, 25), 10), (date(2026, 5, 30), 10)], 13),
        ([(date(2026, 5, 1), 10)], 0),
        ([(date(2026, 7, 1), 30)], 0),
    ],
)
def test_days_covered(fills, covered):
    assert adherence.pdc(fills=fills, start=START, end=END) == Decimal(covered) / 30


@pytest.mark.parametrize(
    ("fills", "end", "field"),
    [([], date(2026, 5, 31), "end"), ([(START, -1)], END, "fills")],
)
def test_impossible_periods_and_fills_are_refused(fills, end, field):
    with pytest.raises(RuleError) as refused:
        adherence.pdc(fills=fills, start=START, end=end)
    assert refused.value.field == field


@given(
    fills=st.lists(
        st.tuples(
            st.integers(-20, 40).map(lambda n: START + timedelta(days=n)),
            st.integers(0, 20),
        )
    )
)
def test_pdc_agrees_with_a_tablet_a_day_from_what_is_at_home(fills):
    at_home = covered = 0
    for number in range(-20, 30):
        today = START + timedelta(days=number)
        at_home += sum(days for filled_on, days in fills if filled_on == today)
        if at_home:
            at_home -= 1
            covered += number >= 0
    assert adherence.pdc(fills=fills, start=START, end=END) == Decimal(covered) / 30
