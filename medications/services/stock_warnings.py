"""Warnings of stock that runs out or expires, at home and on the clinics' shelves, each sent once."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef

from home.models import Clinic
from medications.models import StockBatch
from medications.rules import shelf
from medications.rules.stock import Batch
from medications.selectors.refills import Holder, run_out_keys
from medications.selectors.shortages import may_expire, may_run_low
from medications.selectors.supply import daily_demand, supply_of
from notifications import bus

logger = logging.getLogger(__name__)

CLINICS = 50
"""Clinics whose shelves are looked at together."""

_Publication = tuple[dict[str, object], str]


@dataclass(frozen=True, kw_only=True)
class _Shelf:
    """A clinic's batches of one medicine, by position in `batch_ids`, and what is taken of it a day."""

    clinic: Clinic
    medicine_id: int
    batch_ids: list[int]
    batches: list[Batch]
    daily_demand: Decimal

    @property
    def holder(self) -> Holder:
        return Holder(clinic_id=self.clinic.id, medicine_id=self.medicine_id)


def send_low_stock_warnings(*, now: datetime) -> int:
    """Publish each supply that is low, once for each run-out; how many warnings are new.

    Low is at most the clinic's `low_stock_days` away from the first dose that can't be met. A refill of any form, a
    count upwards included, ends a run-out.
    """
    return _publish("medication.low_stock", chain(_low_at_home(now), _low_on_shelves(now)), now)


def send_expiry_warnings(*, now: datetime) -> int:
    """Publish each batch of which some will be left when it expires within the clinic's `expiry_days`, once."""
    return _publish("medication.expiring", chain(_expiring_at_home(now), _expiring_on_shelves(now)), now)


def _publish(name: str, chunks: Iterable[list[_Publication]], now: datetime) -> int:
    """A transaction for each chunk, so that a site of any size fits into memory."""
    return sum(bus.publish_many(name, chunk, now=now) for chunk in chunks if chunk)


def _low_at_home(now: datetime) -> Iterator[list[_Publication]]:
    for ids in may_run_low(now=now):
        supplies = supply_of(ids, now=now)
        low = {Holder(prescription_id=id_): supply for id_, supply in supplies.items() if supply.low}
        keys = run_out_keys(low)
        yield [
            _low(supply.latest_batch_id, supply.days_left or 0, keys[holder])
            for holder, supply in low.items()
        ]


def _expiring_at_home(now: datetime) -> Iterator[list[_Publication]]:
    for ids in may_expire(now=now):
        yield [
            _expiring(supply.batch_ids[batch.position], batch.last_usable_day)
            for supply in supply_of(ids, now=now).values()
            for batch in supply.expiring
        ]


def _low_on_shelves(now: datetime) -> Iterator[list[_Publication]]:
    for shelves in _shelves(now):
        low = {}
        for each, today in _readable(shelves, now):
            days = shelf.days_of_supply(batches=each.batches, daily_demand=each.daily_demand, today=today)
            if days is not None and days <= each.clinic.low_stock_days:
                low[each.holder] = (max(each.batch_ids), days)
        keys = run_out_keys(low)
        yield [_low(batch_id, days, keys[holder]) for holder, (batch_id, days) in low.items()]


def _expiring_on_shelves(now: datetime) -> Iterator[list[_Publication]]:
    for shelves in _shelves(now):
        yield [
            _expiring(each.batch_ids[batch.position], batch.last_usable_day)
            for each, today in _readable(shelves, now)
            for batch in shelf.expiring_unused(
                batches=each.batches,
                daily_demand=each.daily_demand,
                today=today,
                within_days=each.clinic.expiry_days,
            )
        ]


def _shelves(now: datetime) -> Iterator[list[_Shelf]]:
    """The shelves, those of some clinics at a time."""
    clinics = Clinic.objects.filter(Exists(StockBatch.objects.filter(clinic=OuterRef("pk")))).order_by("id")
    demand = daily_demand(now=now)
    last = 0
    while some := {clinic.id: clinic for clinic in clinics.filter(id__gt=last)[:CLINICS]}:
        last = max(some)
        shelves: dict[tuple[int, int], _Shelf] = {}
        rows = StockBatch.objects.filter(clinic__in=some).order_by("id")
        for batch_id, clinic_id, medicine_id, quantity, expiry_date in rows.values_list(
            "id", "clinic_id", "medicine_id", "quantity", "expiry_date"
        ):
            key = (clinic_id, medicine_id)
            if key not in shelves:
                shelves[key] = _Shelf(
                    clinic=some[clinic_id],
                    medicine_id=medicine_id,
                    batch_ids=[],
                    batches=[],
                    daily_demand=demand.get(key, Decimal(0)),
                )
            shelves[key].batch_ids.append(batch_id)
            shelves[key].batches.append((quantity, expiry_date))
        yield list(shelves.values())


def _readable(shelves: Iterable[_Shelf], now: datetime) -> Iterator[tuple[_Shelf, date]]:
    """Each shelf with its clinic's local date. One whose zone this machine doesn't know is logged and left out."""
    for each in shelves:
        try:
            today = now.astimezone(ZoneInfo(each.clinic.timezone)).date()
        except Exception:
            logger.exception("The shelf of clinic %(id)s can't be looked at.", {"id": each.clinic.id})
            continue
        yield each, today


def _low(latest_batch_id: int, days_left: int, run_out: str) -> _Publication:
    return {"stock_batch_id": latest_batch_id, "days_left": days_left}, run_out


def _expiring(batch_id: int, last_usable_day: date) -> _Publication:
    return {"stock_batch_id": batch_id}, f"{batch_id}:{last_usable_day}"
