"""The limits of a medicine that is taken as needed."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medications.rules.as_needed import DAY, Limit, count, doses_in, limit, next_at
from medications.rules.dose_kinds.as_needed import AsNeededRule

EIGHT = datetime(2026, 11, 24, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def rule(hours: float = 6, most: int = 4, quantity: str = "2") -> AsNeededRule:
    return AsNeededRule(
        start_date=None,
        end_date=None,
        quantity=Decimal(quantity),
        min_hours=timedelta(hours=hours),
        max_per_day=most,
    )


PARACETAMOL = rule()


def taken(*hours: float, quantity: str = "2") -> list[tuple[datetime, Decimal]]:
    return [(EIGHT + each * HOUR, Decimal(quantity)) for each in hours]


@pytest.mark.parametrize(
    ("before", "hour", "broken"),
    [
        ([], 0, Limit()),
        ([0], 6, Limit()),
        ([0], 5.99, Limit(too_early=True)),
        ([0], 0, Limit(too_early=True)),
        ([0, 6, 12, 18], 23.99, Limit(too_early=True, too_many=True)),
        ([0, 6, 12, 18], 24, Limit()),
        # Written down late, between two others, or so that a later one becomes too many.
        ([0, 12], 6, Limit()),
        ([0, 8], 4, Limit(too_early=True)),
        ([7, 13, 19, 25], 1, Limit()),
        ([7, 13, 19, 24.9], 1, Limit(too_early=False, too_many=True)),
    ],
)
def test_paracetamol_two_six_hours_apart_four_a_day(before: list[float], hour: float, broken: Limit) -> None:
    assert limit(PARACETAMOL, taken(*before), EIGHT + hour * HOUR, Decimal(2)) == broken


@pytest.mark.parametrize(("quantity", "doses"), [("0.5", 1), ("2", 1), ("2.5", 2), ("4", 2), ("9", 5)])
def test_a_part_counts_as_a_dose_and_more_than_one_as_two(quantity: str, doses: int) -> None:
    assert doses_in(Decimal(quantity), PARACETAMOL) == doses
    assert limit(PARACETAMOL, [], EIGHT, Decimal(quantity)).too_much == (doses > 1)


def test_the_day_is_24_hours_that_roll() -> None:
    doses = taken(0, 6)
    assert [count(PARACETAMOL, doses, EIGHT + hour * HOUR) for hour in (-1, 0, 6, 23, 24, 30)] == [
        0,
        1,
        2,
        2,
        1,
        0,
    ]


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [([], 0, 0), ([0], 1, 6), ([0], 7, 7), ([0, 1, 2, 3], 4, 24), ([0, 1, 2, 20], 20.5, 26)],
)
def test_the_next_possible_time(before: list[float], now: float, expected: float) -> None:
    assert next_at(PARACETAMOL, taken(*before), EIGHT + now * HOUR) == EIGHT + expected * HOUR


@given(
    minutes=st.lists(st.integers(-2000, 0), max_size=8, unique=True),
    quantities=st.lists(st.sampled_from(["0.5", "1", "2", "4"]), min_size=8, max_size=8),
    apart=st.integers(1, 30 * 60),
    most=st.integers(1, 5),
)
def test_it_is_the_first_minute_at_which_no_window_is_overfull(
    minutes: list[int], quantities: list[str], apart: int, most: int
) -> None:
    asked = rule(apart / 60, most)
    doses = [
        (EIGHT + minute * MINUTE, Decimal(quantity))
        for minute, quantity in zip(minutes, quantities, strict=False)
    ]
    weights = {when: ceil(quantity / 2) for when, quantity in doses}

    def possible(at: datetime) -> bool:
        in_day = sum(weight for when, weight in weights.items() if at - DAY < when <= at)
        return in_day + 1 <= most and all(at - when >= asked.min_hours for when in weights)

    found = next_at(asked, doses, EIGHT)
    assert possible(found)
    steps = int((found - EIGHT) / MINUTE)
    assert not any(possible(EIGHT + step * MINUTE) for step in range(steps))


def test_what_is_taken_a_whole_day_later_is_of_another_window() -> None:
    at = datetime(2026, 11, 24, 6, tzinfo=UTC)
    later = [(at + timedelta(hours=23), Decimal(1)), (at + timedelta(hours=24), Decimal(2))]
    assert not limit(rule(1, 2, "1"), later, at, Decimal(1)).too_many
