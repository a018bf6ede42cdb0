"""How long a clinic's shelf lasts."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medications.rules import shelf
from medications.rules.errors import RuleError

TODAY = date(2026, 6, 1)


def batches(*pairs):
    return [(Decimal(quantity), TODAY + timedelta(days=number)) for quantity, number in pairs]


@pytest.mark.parametrize(
    ("held", "demand", "days"),
    [
        ([], "4", 0),
        ([("28", 300)], "4", 7),
        ([("27", 300)], "4", 6),
        ([("100", 2)], "4", 3),  # today and its last usable day count
        ([("100", -1)], "4", 0),
        ([("100", 2), ("8", 300)], "4", 5),
        ([("8", 300), ("2", 0)], "4", 2),
        ([("1", 300)], "0.3", 3),
        ([("1", 300)], "0", None),
    ],
)
def test_days_of_supply_are_days_met_in_full(held, demand, days):
    assert shelf.days_of_supply(batches=batches(*held), daily_demand=Decimal(demand), today=TODAY) == days


def test_a_batch_that_outlasts_its_demand_is_expiring_unused():
    found = shelf.expiring_unused(
        batches=batches(("100", 300), ("30", 5), ("10", 2)),
        daily_demand=Decimal(4),
        today=TODAY,
        within_days=5,
    )
    assert [(batch.position, batch.left) for batch in found] == [(1, Decimal(16))]


def test_without_demand_all_of_it_expires():
    [found] = shelf.expiring_unused(
        batches=batches(("10", 5), ("10", 6), ("10", -1)),
        daily_demand=Decimal(0),
        today=TODAY,
        within_days=5,
    )
    assert (found.position, found.left) == (0, Decimal(10))


def test_a_negative_demand_is_refused():
    with pytest.raises(RuleError):
        shelf.days_of_supply(batches=batches(("1", 1)), daily_demand=Decimal(-1), today=TODAY)


@given(
    held=st.lists(st.tuples(st.integers(0, 40).map(Decimal), st.integers(-2, 15)), max_size=6),
    demand=st.integers(1, 9).map(Decimal),
)
def test_days_of_supply_agree_with_using_the_shelf_day_by_day(held, demand):
    left = sorted((number, quantity) for quantity, number in held)
    days = 0
    while True:
        left = [(number, quantity) for number, quantity in left if number >= days]
        if sum(quantity for _, quantity in left) < demand:
            break
        missing = demand
        used = []
        for number, quantity in left:
            part = min(quantity, missing)
            missing -= part
            used.append((number, quantity - part))
        left = used
        days += 1
    assert shelf.days_of_supply(batches=batches(*held), daily_demand=demand, today=TODAY) == days


def test_what_expires_today_is_said_and_what_expired_yesterday_is_not():
    found = shelf.expiring_unused(
        batches=batches(("10", 0), ("10", -1)), daily_demand=Decimal(1), today=TODAY, within_days=5
    )
    assert [(each.position, each.last_usable_day, each.left) for each in found] == [(0, TODAY, Decimal(9))]


def test_a_quantity_below_nothing_is_refused_in_words():
    with pytest.raises(RuleError) as refused:
        shelf.days_of_supply(batches=batches(("-1", 1)), daily_demand=Decimal(1), today=TODAY)
    assert (refused.value.field, str(refused.value)) == ("quantity", "quantity: this must not be negative.")
