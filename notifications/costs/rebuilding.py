"""The sums of what was spent, made anew from the deliveries: should they ever be wrong, or in doubt."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import QuerySet, Sum
from django.db.models.functions import TruncMonth

from notifications import registry
from notifications.costs.sums import zones_of
from notifications.models import Delivery, Spending
from notifications.models.notification import CategoryChoices
from notifications.models.spending import NOBODYS
from notifications.rules.prices import exact


def sums_rebuild(*, now: datetime) -> tuple[date, int]:
    """Make the sums anew for all months whose deliveries are still there; the first of these months, and how many sums
    there are. What is being sent meanwhile waits until it is done, and is added then.

    A delivery that was sent more than once counts in the month of the last time. What replies, codes and invitations
    cost is no delivery's, and stays.
    """
    first = _first_whole_month(now)
    with transaction.atomic():
        _keep_others_out()
        rows = list(_sums(first))
        Spending.objects.filter(month__gte=first, category__in=CategoryChoices.values).delete()
        Spending.objects.bulk_create(rows, batch_size=1000)
    return first, len(rows)


def _first_whole_month(now: datetime) -> date:
    """No delivery of it has been deleted yet, in whichever zone it begins."""
    kept = min(each.retention for each in registry.event_types())
    oldest = (now - kept + timedelta(days=1)).date()
    return (oldest.replace(day=1) + timedelta(days=31)).replace(day=1)


def _keep_others_out() -> None:
    """Until the end of the transaction nobody adds anything. On SQLite it is the only one that writes anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {Spending._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")


def _sums(first: date) -> Iterator[Spending]:
    """Three queries, and one for each zone in which a clinic is."""
    paid = Delivery.objects.filter(sendings__gt=0).order_by()
    by_zone: dict[str, list[int | None]] = defaultdict(list)
    for scope_id, zone in zones_of(paid.values_list("scope_id", flat=True).distinct()).items():
        by_zone[zone].append(scope_id)
    for zone, scope_ids in by_zone.items():
        begins = datetime.combine(first, time(), ZoneInfo(zone))
        yield from _of_zone(paid.filter(sent_at__gte=begins), ZoneInfo(zone), set(scope_ids))


def _of_zone(paid: QuerySet[Delivery], zone: ZoneInfo, scope_ids: set[int | None]) -> Iterator[Spending]:
    found = (
        paid.annotate(month=TruncMonth("sent_at", tzinfo=zone))
        .values_list("scope_id", "month", "notification__category", "channel")
        .annotate(Sum("sendings"), Sum("parts"), Sum("unpriced"), Sum("cost"))
    )
    for scope_id, month, category, channel, messages, parts, unpriced, cost in found:
        if scope_id in scope_ids:
            yield Spending(
                scope_id=NOBODYS if scope_id is None else scope_id,
                month=month.date(),
                category=category,
                channel=channel,
                messages=messages,
                parts=parts,
                unpriced=unpriced,
                cost=exact(cost or Decimal(0)),
            )
