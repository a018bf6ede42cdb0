"""How long a stock lasts: whole doses, soonest expiry first, expired stock is no stock."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medications.rules import stock
from medications.rules.errors import RuleError
from medications.rules.examples.stock import AHEAD, EXPIRIES, FIRST, RUN_OUTS, SOON, RunOut, daily, day


def batches(*pairs):
    return [(Decimal(quantity), day(number)) for quantity, number in pairs]


@pytest.mark.parametrize(
    "example", [*RUN_OUTS, RunOut(((Decimal(0), day(300)), (Decimal(3), day(300))), Decimal(1), 3)]
)
def test_run_out_is_the_first_dose_that_cannot_be_met_in_full(example):
    doses = daily(AHEAD, example.quantity)
    expected = None if example.day is None else doses[example.day][0]
    assert stock.run_out(batches=example.batches, doses=doses) == expected


def test_a_batch_is_good_until_midnight_of_the_patients_day():
    late = [(datetime(2026, 6, 1, 23, 0, tzinfo=UTC), Decimal(1))]
    held = batches(("1", 0))
    assert stock.run_out(batches=held, doses=late, timezone="Africa/Johannesburg") == late[0][0]
    assert stock.run_out(batches=held, doses=late, timezone="UTC") is None


def test_a_small_dose_after_one_that_is_not_met_is_no_comfort():
    [first, second] = daily(2)
    doses = [(first[0], Decimal(2)), second]
    assert stock.run_out(batches=batches(("1", 300)), doses=doses) == first[0]


def test_doses_in_any_order_are_met_by_due_time():
    doses = daily(5)
    assert stock.run_out(batches=batches(("3", 300)), doses=reversed(doses)) == doses[3][0]


@pytest.mark.parametrize("example", EXPIRIES)
def test_a_batch_is_expiring_when_some_of_it_will_be_left(example):
    found = stock.expiring(batches=example.batches, doses=daily(AHEAD), today=FIRST, within_days=SOON)
    assert tuple(found) == example.expiring


def test_how_soon_is_expiring_can_be_set():
    held = batches(("100", 30))
    assert stock.expiring(batches=held, doses=daily(40), today=FIRST, within_days=29) == []
    assert len(stock.expiring(batches=held, doses=daily(40), today=FIRST, within_days=30)) == 1


def test_the_level_falls_with_doses_and_with_expiry():
    points = stock.level(batches=batches(("5", 1), ("3", 300)), doses=daily(30), start=FIRST, end=day(6))
    assert points == [(day(number), Decimal(left)) for number, left in enumerate([7, 6, 2, 1, 0, 0, 0])]


def test_doses_outside_the_dates_do_not_change_the_level():
    points = stock.level(batches=batches(("5", 300)), doses=daily(30), start=day(2), end=day(3))
    assert points == [(day(2), Decimal(4)), (day(3), Decimal(3))]


@pytest.mark.parametrize(
    ("held", "quantity", "allocations", "shortfall"),
    [
        ([("5", 300)], "2", [(0, "2")], "0"),
        ([("5", 300), ("1", 10)], "2", [(1, "1"), (0, "1")], "0"),
        (
            [("5", -1), ("1", 0)],
            "2",
            [(1, "1")],
            "1",
        ),  # all there is is taken, the rest is short
        ([], "0.5", [], "0.5"),
    ],
)
def test_a_taken_dose_comes_from_the_batch_that_expires_first(held, quantity, allocations, shortfall):
    taking = stock.take(batches=batches(*held), quantity=Decimal(quantity), today=FIRST)
    assert taking == stock.Taking(
        allocations=tuple((position, Decimal(part)) for position, part in allocations),
        shortfall=Decimal(shortfall),
    )


@pytest.mark.parametrize(
    ("held", "doses", "timezone", "field"),
    [
        ([(Decimal(-1), FIRST)], [], "UTC", "quantity"),
        ([], [(datetime(2026, 6, 1, 6, tzinfo=UTC), Decimal(-1))], "UTC", "quantity"),
        ([], [(datetime(2026, 6, 1, 6), Decimal(1))], "UTC", "due_at"),
        ([], [], "Africa/Joburg", "timezone"),
    ],
)
def test_impossible_stock_is_refused_by_name(held, doses, timezone, field):
    with pytest.raises(RuleError) as refused:
        stock.run_out(batches=held, doses=doses, timezone=timezone)
    assert refused.value.field == field


HALVES = st.integers(0, 12).map(lambda halves: Decimal(halves) / 2)
BATCHES = st.lists(st.tuples(HALVES, st.integers(-2, 15).map(day)), max_size=5)
DOSES = st.lists(
    st.tuples(
        st.datetimes(datetime(2026, 6, 1), datetime(2026, 6, 14), timezones=st.just(UTC)),
        st.integers(1, 6).map(lambda halves: Decimal(halves) / 2),
    ),
    max_size=20,
)


def slow_run_out(held, doses):
    """Every half tablet by itself: the soonest to expire of those that are still good is used."""
    halves = sorted(last_day for quantity, last_day in held for _ in range(int(quantity * 2)))
    for due_at, quantity in sorted(doses, key=lambda dose: dose[0]):
        today = (due_at + timedelta(hours=2)).date()
        for _ in range(int(quantity * 2)):
            halves = [last_day for last_day in halves if last_day >= today]
            if not halves:
                return due_at
            halves.pop(0)
    return None


@given(held=BATCHES, doses=DOSES)
def test_run_out_agrees_with_counting_out_every_half_tablet(held, doses):
    assert stock.run_out(batches=held, doses=doses) == slow_run_out(held, doses)


@given(held=BATCHES, doses=DOSES, more=st.tuples(HALVES, st.integers(-2, 15).map(day)))
def test_more_stock_never_runs_out_sooner(held, doses, more):
    never = datetime.max.replace(tzinfo=UTC)
    before = stock.run_out(batches=held, doses=doses) or never
    assert (stock.run_out(batches=[*held, more], doses=doses) or never) >= before


@given(held=BATCHES, doses=DOSES)
def test_what_expires_is_what_the_level_loses_beside_the_doses_that_were_met(held, doses):
    last = day(14)
    ends = stock.level(batches=held, doses=doses, start=FIRST, end=last)[-1][1]
    good = sum(quantity for quantity, last_day in held if last_day >= FIRST)
    lost = sum(batch.left for batch in stock.expiring(batches=held, doses=doses, today=FIRST, within_days=13))
    met = good - lost - ends
    assert 0 <= met <= sum(quantity for _, quantity in doses)
    if stock.run_out(batches=held, doses=doses) is None:
        assert met == sum(quantity for _, quantity in doses)


@given(held=BATCHES, quantity=HALVES)
def test_taken_and_short_are_together_what_was_wanted(held, quantity):
    taking = stock.take(batches=held, quantity=quantity, today=FIRST)
    parts = [part for _, part in taking.allocations]
    assert sum(parts, taking.shortfall) == quantity
    assert all(
        0 < part <= held[position][0] and held[position][1] >= FIRST for position, part in taking.allocations
    )


@given(held=BATCHES, doses=DOSES, parts=st.integers(0, 20))
def test_the_rest_lasts_as_long_as_the_whole(held, doses, parts):
    """Taking the earlier doses first, and then the later ones from what is left, changes nothing."""
    in_order = sorted(doses, key=lambda dose: dose[0])
    earlier, later = in_order[:parts], in_order[parts:]
    left = stock.left_after(batches=held, doses=earlier)
    assert [last_day for _, last_day in left] == [last_day for _, last_day in held]
    first = stock.run_out(batches=held, doses=earlier)
    whole = stock.run_out(batches=held, doses=in_order)
    assert whole == (first if first is not None else stock.run_out(batches=left, doses=later))


def test_both_at_once_are_what_each_is_alone():
    doses = daily(AHEAD, Decimal(1))
    held = batches(("3", 300), ("2", 1), ("9", 4))
    found = stock.foresee(
        batches=held, doses=doses, today=day(0), within_days=6, timezone="Africa/Johannesburg"
    )
    assert found.run_out_at == stock.run_out(batches=held, doses=doses) == doses[8][0]
    assert [(each.position, each.last_usable_day, each.left) for each in found.expiring] == [
        (2, day(4), Decimal(6))
    ]
    assert stock.foresee(
        batches=batches(("999", 300)),
        doses=doses,
        today=day(0),
        within_days=6,
        timezone="Africa/Johannesburg",
    ) == stock.Foreseen(run_out_at=None, expiring=[])


def test_of_several_that_are_not_met_the_first_is_said():
    doses = daily(3, Decimal(1))
    found = stock.foresee(
        batches=[], doses=doses, today=day(0), within_days=0, timezone="Africa/Johannesburg"
    )
    assert found.run_out_at == doses[0][0]


def test_five_days_are_soon_where_nothing_else_is_said():
    found = stock.expiring(batches=batches(("1", 5), ("1", 6)), doses=[], today=day(0))
    assert [each.position for each in found] == [0]


def test_what_is_left_is_in_the_order_given():
    left = stock.left_after(batches=batches(("5", 300), ("2", 10)), doses=daily(3, Decimal(1)))
    assert left == batches(("4", 300), ("0", 10))


def test_a_level_is_a_quantity_where_there_is_no_stock():
    [(_day, quantity)] = stock.level(batches=[], doses=[], start=day(0), end=day(0))
    assert isinstance(quantity, Decimal)


def test_what_is_wrong_is_said_in_words():
    with pytest.raises(RuleError) as refused:
        stock.take(batches=[], quantity=Decimal(-1), today=day(0))
    assert (refused.value.field, str(refused.value)) == ("quantity", "quantity: this must not be negative.")
    with pytest.raises(RuleError) as refused:
        stock.run_out(batches=[], doses=[(datetime(2026, 6, 1, 8), Decimal(1))])
    assert str(refused.value) == "due_at: the date and time must have an offset."
