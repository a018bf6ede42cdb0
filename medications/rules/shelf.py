"""How long the stock on a clinic's shelf lasts at a given daily demand.

Batches are those of `stock`, used from the one that expires first, each up to and including its last usable
day. The calculation is in whole days, today being the first, so that it needs no simulation however full the
shelf is.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from medications.rules.errors import RuleError
from medications.rules.stock import NOTHING, Batch, ExpiringBatch


def days_of_supply(*, batches: Iterable[Batch], daily_demand: Decimal, today: date) -> int | None:
    """For how many days from today on the demand can be met in full; None when nothing is demanded."""
    if not daily_demand:
        return None
    met = sum((used for _, used in _use(batches, daily_demand, today)), NOTHING)
    return int(met // daily_demand)


def expiring_unused(
    *, batches: Iterable[Batch], daily_demand: Decimal, today: date, within_days: int
) -> list[ExpiringBatch]:
    """The batches that expire at most `within_days` from today with some of them left, soonest first.

    A batch that has expired already is not among them.
    """
    given = list(batches)
    expiring = []
    for position, used in _use(given, daily_demand, today):
        quantity, last_usable_day = given[position]
        if quantity > used and 0 <= (last_usable_day - today).days <= within_days:
            expiring.append(
                ExpiringBatch(
                    position=position,
                    last_usable_day=last_usable_day,
                    left=quantity - used,
                )
            )
    return expiring


def _use(batches: Iterable[Batch], daily_demand: Decimal, today: date) -> Iterator[tuple[int, Decimal]]:
    """Position of each batch and how much of it is used while it lasts, soonest expiry first."""
    _check(daily_demand)
    met = NOTHING
    for position, (quantity, last_usable_day) in sorted(enumerate(batches), key=lambda item: item[1][1]):
        _check(quantity)
        demanded_by_then = daily_demand * max(0, (last_usable_day - today).days + 1)
        used = min(quantity, max(NOTHING, demanded_by_then - met))
        met += used
        yield position, used


def _check(quantity: Decimal) -> None:
    if quantity < 0:
        raise RuleError("quantity", "quantity: this must not be negative.")
