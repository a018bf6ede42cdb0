"""A month of doses as cells: each day once, each dose a mark of its own, nothing outside or over another."""

from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medications.presentation.heat_map import WIDTH, heat_map
from medications.rules.adherence import DoseOutcome, Outcome

MONTH = date(2026, 11, 1)
TODAY = date(2026, 11, 24)


def dose(outcome: Outcome, day: date = TODAY, *, as_needed: bool = False) -> DoseOutcome:
    return DoseOutcome(day=day, outcome=outcome, planned=Decimal(1), taken=Decimal(0), as_needed=as_needed)


T, P, S, M, U, A = Outcome


@pytest.mark.parametrize(
    ("outcomes", "look"),
    [
        ([], "none"),
        ([T, T], "taken"),
        ([T, P], "part"),
        ([T, P, S], "skipped"),
        ([T, S, U], "unanswered"),
        ([M, T, T, U], "missed"),
        ([A], "ahead"),
        ([T, A], "taken"),
    ],
)
def test_the_colour_of_a_day_is_that_of_its_most_pressing_dose(outcomes, look):
    cells = heat_map(MONTH, map(dose, outcomes), today=TODAY).cells
    [cell] = [each for each in cells if each.day == TODAY]
    assert cell.look == look
    assert [mark.name for mark in cell.marks] == [each.value for each in outcomes]


def test_what_was_taken_as_needed_has_a_mark_of_its_own_and_hides_nothing():
    cells = heat_map(MONTH, [dose(T, as_needed=True), dose(M)], today=TODAY).cells
    [cell] = [each for each in cells if each.marks]
    assert (cell.look, [mark.name for mark in cell.marks]) == ("missed", ["as_needed", "missed"])
    alone = heat_map(MONTH, [dose(T, as_needed=True)], today=TODAY).cells
    assert [each.look for each in alone if each.marks] == ["as_needed"]


def test_today_is_marked_and_other_months_are_left_out():
    shown = heat_map(MONTH, [dose(T, date(2026, 10, 31)), dose(T, date(2026, 12, 1))], today=TODAY)
    assert [each.day for each in shown.cells if each.is_today] == [TODAY]
    assert not any(each.marks for each in shown.cells)


@given(
    months=st.integers(0, 600),
    numbers=st.lists(st.integers(0, 24), min_size=31, max_size=31),
)
def test_every_day_is_there_once_and_no_mark_leaves_its_cell_or_covers_another(months, numbers):
    month = date(2000 + months // 12, months % 12 + 1, 1)
    days = [month + timedelta(days=n) for n in range(monthrange(month.year, month.month)[1])]
    outcomes = [dose(T, day) for day, number in zip(days, numbers, strict=False) for _ in range(number)]
    shown = heat_map(month, outcomes, today=TODAY)
    assert [each.day for each in shown.cells] == days
    assert len({(each.x, each.y) for each in shown.cells}) == len(days)
    for cell in shown.cells:
        assert 0 <= cell.x <= WIDTH - 44 and 0 < cell.y <= shown.height - 54
        assert len(cell.marks) == numbers[cell.day.day - 1]
        squares = [(float(m.x), float(m.y), float(m.size)) for m in cell.marks]
        for x, y, size in squares:
            assert cell.x <= x and x + size <= cell.x + 44.1
            assert cell.y + 21 < y and y + size <= cell.y + 54
        if len(squares) <= 8:
            for one, other in combinations(squares, 2):
                apart = max(abs(one[0] - other[0]), abs(one[1] - other[1]))
                assert apart >= one[2] - 0.11
