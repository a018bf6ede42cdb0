"""Warnings of stock that runs out or expires, at home and on the clinics' shelves, each sent once."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef

from home.models import Clinic
from medications.models import Prescription, StockBatch
from medications.rules import shelf
from medications.rules.stock import Batch
from medications.selectors.supply import Supply, daily_demand, supply_of
from notifications import bus

CHUNK = 1_000
"""Prescriptions looked at together."""

_Publication = tuple[dict[str, object], str]
_Shelf = tuple[Clinic, int, list[int], list[Batch]]


def send_low_stock_warnings(*, now: datetime) -> int:
    """Publish each supply that is low, once for each refill; how many warnings are new.

    Low is at most the clinic's `low_stock_days` away from the first dose that can't be met.
    """
    return bus.publish_many("medication.low_stock", [*_low_at_home(now), *_low_on_shelf(now)], now=now)


def send_expiry_warnings(*, now: datetime) -> int:
    """Publish each batch of which some will be left when it expires within the clinic's `expiry_days`, once."""
    warnings = [*_expiring_at_home(now), *_expiring_on_shelf(now)]
    return bus.publish_many("medication.expiring", warnings, now=now)


def _supplies(now: datetime) -> Iterator[Supply]:
    active = Prescription.objects.filter(
        Exists(StockBatch.objects.filter(prescription=OuterRef("pk"))),
        ended_at__isnull=True,
        patient__deceased_on__isnull=True,
    )
    ids = list(active.order_by("id").values_list("id", flat=True))
    for start in range(0, len(ids), CHUNK):
        yield from supply_of(ids[start : start + CHUNK], now=now).values()


def _low_at_home(now: datetime) -> Iterator[_Publication]:
    for supply in _supplies(now):
        if supply.low and supply.days_left is not None and supply.run_out_at is not None:
            yield _low(supply.latest_batch_id, supply.days_left)


def _expiring_at_home(now: datetime) -> Iterator[_Publication]:
    for supply in _supplies(now):
        for batch in supply.expiring:
            yield _expiring(supply.batch_ids[batch.position], batch.last_usable_day)


def _low_on_shelf(now: datetime) -> Iterator[_Publication]:
    demand = daily_demand(now=now)
    for clinic, medicine_id, batch_ids, batches in _shelves():
        days = shelf.days_of_supply(
            batches=batches,
            daily_demand=demand.get((clinic.id, medicine_id), Decimal(0)),
            today=_today(clinic, now),
        )
        if days is not None and days <= clinic.low_stock_days:
            yield _low(max(batch_ids), days)


def _expiring_on_shelf(now: datetime) -> Iterator[_Publication]:
    demand = daily_demand(now=now)
    for clinic, medicine_id, batch_ids, batches in _shelves():
        for batch in shelf.expiring_unused(
            batches=batches,
            daily_demand=demand.get((clinic.id, medicine_id), Decimal(0)),
            today=_today(clinic, now),
            within_days=clinic.expiry_days,
        ):
            yield _expiring(batch_ids[batch.position], batch.last_usable_day)


def _shelves() -> Iterator[_Shelf]:
    """Each clinic's batches of each medicine."""
    shelves: dict[tuple[int, int], _Shelf] = {}
    for batch in StockBatch.objects.filter(clinic__isnull=False).select_related("clinic").order_by("id"):
        if batch.clinic is not None:
            key = (batch.clinic.id, batch.medicine_id)
            _, _, ids, batches = shelves.setdefault(key, (batch.clinic, batch.medicine_id, [], []))
            ids.append(batch.id)
            batches.append((batch.quantity, batch.expiry_date))
    yield from shelves.values()


def _today(clinic: Clinic, now: datetime) -> date:
    return now.astimezone(ZoneInfo(clinic.zone)).date()


def _low(latest_batch_id: int, days_left: int) -> _Publication:
    return {"stock_batch_id": latest_batch_id, "days_left": days_left}, str(latest_batch_id)


def _expiring(batch_id: int, last_usable_day: date) -> _Publication:
    return {"stock_batch_id": batch_id}, f"{batch_id}:{last_usable_day}"
