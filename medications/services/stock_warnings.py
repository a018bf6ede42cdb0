"""Warnings of stock that runs out or expires, at home and on the clinics' shelves, each sent once."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from home.models import Clinic
from medications.models import StockBatch
from medications.rules import shelf
from medications.rules.stock import Batch
from medications.selectors.expiries import EXPIRING, expiry_key, may_expire
from medications.selectors.looks import due_looks, look_at
from medications.selectors.refills import Holder, run_out_keys
from medications.selectors.supply import daily_demand, supply_of
from medications.services.stock_looks import remember
from notifications import bus

LOW = "medication.low_stock"
HOMES = 1_000
"""Home supplies looked at together, in one transaction: others wait so long to change one of them."""
CLINICS = 50
"""Clinics whose shelves are looked at together."""

_Publication = tuple[dict[str, object], str]


@dataclass(frozen=True, kw_only=True)
class _Shelf:
    """A clinic's batches of one medicine, by position in `batch_ids`, and what is taken of it a day. Of those that are
    not in `spoken_of` nobody is to be warned yet.
    """

    clinic: Clinic
    medicine_id: int
    batch_ids: list[int]
    spoken_of: set[int]
    batches: list[Batch]
    daily_demand: Decimal

    @property
    def holder(self) -> Holder:
        return Holder(clinic_id=self.clinic.id, medicine_id=self.medicine_id)


def send_low_stock_warnings(*, now: datetime) -> int:
    """Publish each supply that is low, once for each run-out; how many warnings are new.

    Low is at most the clinic's `low_stock_days` away from the first dose that can't be met. A refill of any form, a
    count upwards included, ends a run-out. Of the home supplies only those are read that may have something new to say
    (selectors/looks.py). Safe to repeat and to run twice at once.
    """
    due = list(due_looks(now=now).values_list("id", flat=True))
    new = sum(_look_at_homes(due[start : start + HOMES], now) for start in range(0, len(due), HOMES))
    return new + _publish(LOW, _low_on_shelves(now), now)


def send_expiry_warnings(*, now: datetime) -> int:
    """Publish each batch of which some will be left when it expires within the clinic's `expiry_days`, once; how many
    warnings are new. Only batches are read that expire soon, and supplies of which nobody was told.
    """
    prescriptions, clinics = may_expire(now=now)
    return _publish(EXPIRING, _expiring_at_home(prescriptions, now), now) + _publish(
        EXPIRING, _expiring_on_shelves(clinics, now), now
    )


def _publish(name: str, chunks: Iterable[list[_Publication]], now: datetime) -> int:
    """A transaction for each chunk, so that a site of any size fits into memory."""
    return sum(bus.publish_many(name, chunk, now=now) for chunk in chunks if chunk)


def _look_at_homes(prescription_ids: Collection[int], now: datetime) -> int:
    """Held from before anything is read of them until it is remembered, so that no change is overlooked; and whom
    another run has looked at meanwhile is left out.
    """
    with transaction.atomic():
        still_due = due_looks(now=now).filter(id__any_of=prescription_ids)
        rows = still_due.select_for_update(no_key=True, of=("self",))
        looks = look_at(list(rows.values_list("id", flat=True)), now=now)
        low = {
            Holder(prescription_id=look.prescription_id): look.supply
            for look in looks
            if look.supply and look.supply.low
        }
        keys = run_out_keys(low) if low else {}
        warnings = [
            _low(supply.latest_batch_id, supply.days_left or 0, keys[holder])
            for holder, supply in low.items()
        ]
        new = _publish(LOW, [warnings], now)
        remember(looks)
    return new


def _expiring_at_home(prescription_ids: Sequence[int], now: datetime) -> Iterator[list[_Publication]]:
    for start in range(0, len(prescription_ids), HOMES):
        yield [
            _expiring(supply.batch_ids[batch.position], batch.last_usable_day)
            for supply in supply_of(prescription_ids[start : start + HOMES], now=now).values()
            for batch in supply.expiring
        ]


def _low_on_shelves(now: datetime) -> Iterator[list[_Publication]]:
    kept = Clinic.objects.filter(Exists(StockBatch.objects.filter(clinic=OuterRef("pk"))))
    for shelves in _shelves(kept, now):
        low = {}
        for each in shelves:
            if not each.spoken_of:
                continue
            days = shelf.days_of_supply(
                batches=each.batches, daily_demand=each.daily_demand, today=_today(each, now)
            )
            if days is not None and days <= each.clinic.low_stock_days:
                low[each.holder] = (max(each.spoken_of), days)
        keys = run_out_keys(low) if low else {}
        yield [_low(batch_id, days, keys[holder]) for holder, (batch_id, days) in low.items()]


def _expiring_on_shelves(clinic_ids: Collection[int], now: datetime) -> Iterator[list[_Publication]]:
    for shelves in _shelves(Clinic.objects.filter(id__any_of=clinic_ids), now):
        yield [
            _expiring(each.batch_ids[batch.position], batch.last_usable_day)
            for each in shelves
            for batch in shelf.expiring_unused(
                batches=each.batches,
                daily_demand=each.daily_demand,
                today=_today(each, now),
                within_days=each.clinic.expiry_days,
            )
            if each.batch_ids[batch.position] in each.spoken_of
        ]


def _shelves(clinics: QuerySet[Clinic], now: datetime) -> Iterator[list[_Shelf]]:
    """The shelves of these clinics, those of some at a time."""
    in_order = clinics.order_by("id")
    last = 0
    while some := {clinic.id: clinic for clinic in in_order.filter(id__gt=last)[:CLINICS]}:
        last = max(some)
        demand = daily_demand(now=now, clinics=list(some.values()))
        shelves: dict[tuple[int, int], _Shelf] = {}
        rows = StockBatch.objects.filter(clinic__in=some).order_by("id")
        for batch_id, clinic_id, medicine_id, quantity, expiry_date, is_silent in rows.values_list(
            "id", "clinic_id", "medicine_id", "quantity", "expiry_date", "is_silent"
        ):
            key = (clinic_id, medicine_id)
            if key not in shelves:
                shelves[key] = _Shelf(
                    clinic=some[clinic_id],
                    medicine_id=medicine_id,
                    batch_ids=[],
                    spoken_of=set(),
                    batches=[],
                    daily_demand=demand.get(key, Decimal(0)),
                )
            shelves[key].batch_ids.append(batch_id)
            if not is_silent:
                shelves[key].spoken_of.add(batch_id)
            shelves[key].batches.append((quantity, expiry_date))
        yield list(shelves.values())


def _today(each: _Shelf, now: datetime) -> date:
    return now.astimezone(ZoneInfo(each.clinic.zone)).date()


def _low(latest_batch_id: int, days_left: int, run_out: str) -> _Publication:
    return {"stock_batch_id": latest_batch_id, "days_left": days_left}, run_out


def _expiring(batch_id: int, last_usable_day: date) -> _Publication:
    return {"stock_batch_id": batch_id}, expiry_key(batch_id, last_usable_day)
