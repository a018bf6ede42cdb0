"""Keeping within a month's budget: what is about to be sent is reserved first, so that no two workers spend the same.

A delivery keeps what was reserved for it until it is finished, whoever sends it and whenever: a worker that dies gives
nothing away, and what isn't sent in the end takes nothing.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Case, DecimalField, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from notifications.budgets import budgets_of
from notifications.models import Delivery, Spending, SpendingMonth
from notifications.rules.prices import exact, month_of

_MONEY: DecimalField[Decimal, Decimal] = DecimalField(max_digits=14, decimal_places=4)


class Asked(NamedTuple):
    """A delivery that is about to be sent, and what it costs at most, in rand.

    An `essential` one goes in any case, and is still counted.
    """

    id: int
    scope_id: int | None
    cost: Decimal
    essential: bool


def reserve(asked: Sequence[Asked], *, now: datetime) -> set[int]:
    """Reserve what each of these costs; those for which nothing is left this month.

    Of scopes without a budget nothing is reserved, and none is refused; nor is what has something reserved. First those
    that go in any case, then in the order given. Six queries where anybody has a budget, else one.
    """
    budgets = budgets_of({each.scope_id for each in asked})
    limits = {
        scope_id: budget.amount
        for scope_id, budget in budgets.items()
        if scope_id is not None and budget.amount is not None
    }
    asked = _without_reserve([each for each in asked if each.scope_id in limits])
    reserved: dict[int, Decimal] = {}
    refused: set[int] = set()
    if not asked:
        return refused
    months = {scope_id: month_of(now, budgets[scope_id].zone) for scope_id in limits}
    with transaction.atomic():
        taken = _taken(_locked(months))
        left = {scope_id: amount - taken[scope_id] for scope_id, amount in limits.items()}
        for each in sorted(asked, key=lambda each: not each.essential):
            scope_id = each.scope_id or 0
            if not each.essential and (left[scope_id] <= 0 or each.cost > left[scope_id]):
                refused.add(each.id)
                continue
            left[scope_id] -= each.cost
            reserved[each.id] = each.cost
        _write(reserved)
    return refused


def _without_reserve(asked: Sequence[Asked]) -> list[Asked]:
    """Those for which nothing is reserved yet. What is asked about twice, or is tried again, needs it once."""
    if not asked:
        return []
    rows = Delivery.objects.filter(id__any_of={each.id for each in asked}, reserved__isnull=False)
    have = set(rows.order_by().values_list("pk", flat=True))
    return [each for each in asked if each.id not in have]


def _locked(months: dict[int, date]) -> QuerySet[SpendingMonth]:
    """The rows of these months, which nobody else has until the transaction ends."""
    rows = [SpendingMonth(scope_id=scope_id, month=month) for scope_id, month in sorted(months.items())]
    SpendingMonth.objects.bulk_create(rows, ignore_conflicts=True)
    mine = Q()
    for row in rows:
        mine |= Q(scope_id=row.scope_id, month=row.month)
    locked = SpendingMonth.objects.filter(mine).order_by("scope_id")
    return SpendingMonth.objects.filter(pk__in=list(locked.select_for_update().values_list("pk", flat=True)))


def _taken(months: QuerySet[SpendingMonth]) -> dict[int, Decimal]:
    """What is spent and what is reserved, as one statement sees them: what is being acknowledged is in just one."""
    spent = Spending.objects.filter(scope_id=OuterRef("scope_id"), month=OuterRef("month"))
    waiting = Delivery.objects.filter(
        scope_id=OuterRef("scope_id"), finished_at__isnull=True, reserved__isnull=False
    )
    rows = months.annotate(spent=_total(spent, "cost"), waiting=_total(waiting, "reserved"))
    return {
        scope_id: exact(spent + waiting)
        for scope_id, spent, waiting in rows.values_list("scope_id", "spent", "waiting")
    }


def _total(rows: QuerySet[Any], column: str) -> Coalesce:
    sums = rows.order_by().values("scope_id").annotate(total=Sum(column)).values("total")
    return Coalesce(Subquery(sums), Value(Decimal(0)), output_field=_MONEY)


def _write(reserved: dict[int, Decimal]) -> None:
    by_cost = [When(pk=id_, then=Value(cost, output_field=_MONEY)) for id_, cost in reserved.items()]
    if by_cost:
        Delivery.objects.filter(id__any_of=set(reserved)).update(reserved=Case(*by_cost, output_field=_MONEY))
