"""Reads: what messages cost, from the sums."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from django.db.models import Sum

from notifications.models import Spending
from notifications.rules.prices import exact


def spent(months: Mapping[int, date]) -> dict[int, Decimal]:
    """What each of these scopes spent in its month, in rand. One query."""
    rows = Spending.objects.filter(scope_id__in=months, month__in=set(months.values())).order_by()
    found = rows.values_list("scope_id", "month").annotate(total=Sum("cost"))
    totals = {(scope_id, month): exact(total) for scope_id, month, total in found}
    return {scope_id: totals.get((scope_id, month), Decimal(0)) for scope_id, month in months.items()}
