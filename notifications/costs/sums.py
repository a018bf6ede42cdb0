"""Adding to what was spent: one statement for whatever was sent together."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from notifications.budgets import budgets_of
from notifications.models import Spending
from notifications.models.spending import NOBODYS
from notifications.rules.prices import month_of


class Paid(NamedTuple):
    """A message that a provider took: whose it is, what about, by which channel, and at which price, in rand. None of
    `messages` is what is charged later for one that is counted already.
    """

    scope_id: int | None
    category: str
    channel: str
    parts: int
    cost: Decimal | None
    messages: int = 1


class _Sums(NamedTuple):
    messages: int = 0
    parts: int = 0
    unpriced: int = 0
    cost: Decimal = Decimal(0)

    def plus(self, paid: Paid) -> "_Sums":
        return _Sums(
            self.messages + paid.messages,
            self.parts + paid.parts,
            self.unpriced + (paid.cost is None),
            self.cost + (paid.cost or 0),
        )


_TABLE = Spending._meta.db_table
_KEYS = ("scope_id", "month", "category", "channel")
_ROW = f"({', '.join(['%s'] * len(_KEYS + _Sums._fields))})"
_ADDED = ", ".join(f"{name} = {_TABLE}.{name} + excluded.{name}" for name in _Sums._fields)


def zones_of(scope_ids: Iterable[int | None]) -> dict[int | None, str]:
    """In whose zone the months of each of these begin. At most one query."""
    return {scope_id: budget.zone for scope_id, budget in budgets_of(set(scope_ids)).items()}


def add(paid: Iterable[Paid], *, now: datetime, zones: Mapping[int | None, str] | None = None) -> None:
    """Add these to the month that `now` (aware) is in where each belongs. One statement, and `zones_of` where the zones
    aren't given.
    """
    paid = list(paid)
    zones = zones_of(each.scope_id for each in paid) if zones is None else zones
    sums: dict[tuple[int, date, str, str], _Sums] = defaultdict(_Sums)
    for each in paid:
        month = month_of(now, zones[each.scope_id])
        key = (NOBODYS if each.scope_id is None else each.scope_id, month, each.category, each.channel)
        sums[key] = sums[key].plus(each)
    if not sums:
        return
    # In one order, so that no two wait for each other.
    rows: list[list[Any]] = [[*key, *sums[key]] for key in sorted(sums)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {_TABLE} ({', '.join(_KEYS + _Sums._fields)}) VALUES {', '.join([_ROW] * len(rows))}"  # noqa: S608
            f" ON CONFLICT ({', '.join(_KEYS)}) DO UPDATE SET {_ADDED}",
            [value for row in rows for value in row],
        )
