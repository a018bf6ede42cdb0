"""When a stock at home runs out, and which pack expires with something left in it.

There is one dose a day at 08:00, and it is the morning of `FIRST`, a day in Johannesburg.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from medications.rules.stock import Batch, Dose, ExpiringBatch

FIRST = date(2026, 6, 1)
AHEAD = 30
"""Days that are looked at."""
SOON = 5
"""Days: a pack that expires within them is said."""


class RunOut(NamedTuple):
    """The dose that can't be met is `day` days after `FIRST`, or there is none."""

    batches: tuple[Batch, ...]
    quantity: Decimal
    day: int | None


class Expiring(NamedTuple):
    batches: tuple[Batch, ...]
    expiring: tuple[ExpiringBatch, ...]


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def daily(count: int, quantity: Decimal = Decimal(1)) -> list[Dose]:
    """One dose a day at 06:00 UTC, 08:00 in Johannesburg, from the first day on."""
    due = datetime(2026, 6, 1, 6, tzinfo=UTC)
    return [(due + timedelta(days=number), quantity) for number in range(count)]


def _batches(*pairs: tuple[str, int]) -> tuple[Batch, ...]:
    return tuple([(Decimal(quantity), day(number)) for quantity, number in pairs])


def _run_out(quantity: str, runs_out: int | None, *pairs: tuple[str, int]) -> RunOut:
    return RunOut(_batches(*pairs), Decimal(quantity), runs_out)


def _expiring(*pairs: tuple[str, int], left: tuple[tuple[int, str], ...] = ()) -> Expiring:
    """`left` are (position, quantity) of those that are said."""
    found = [
        ExpiringBatch(position=position, last_usable_day=day(pairs[position][1]), left=Decimal(quantity))
        for position, quantity in left
    ]
    return Expiring(_batches(*pairs), tuple(found))


RUN_OUTS = (
    _run_out("1", 0),
    _run_out("1", 28, ("28", 300)),
    _run_out("1", None, ("30", 300)),
    _run_out("2", 2, ("5", 300)),  # half a dose is no dose
    _run_out("0.5", 5, ("2.5", 300)),
    _run_out("2", 1, ("1", 300), ("1", 200)),  # one dose from two packs
    _run_out("1", 4, ("10", 3)),  # good on its last day, not after
    _run_out("1", 0, ("10", -1)),  # expired
    _run_out("1", 12, ("10", 300), ("2", 1)),  # the one that expires first is used first
    _run_out("1", 5, ("5", 2), ("5", 4)),  # 2 of the first expire unused
)

EXPIRIES = (
    _expiring(("10", 5), left=((0, "4"),)),
    _expiring(("6", 5)),  # used up on its last day
    _expiring(("10", 6)),  # not soon
    _expiring(("10", 0), left=((0, "9"),)),
    _expiring(("10", -1)),  # has expired already
    _expiring(("10", 5), ("10", 2), left=((1, "7"), (0, "7"))),
)
