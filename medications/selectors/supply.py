"""Reads: how long stock lasts. Each takes a set and makes a constant number of queries."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Min, Sum

from home.models import Patient
from medications import options
from medications.models import OPEN_STATES, Dose, Prescription, StockBatch, StockMovement
from medications.rules import stock
from medications.rules.stock import Batch, ExpiringBatch
from medications.rules.stock import Dose as DueDose


@dataclass(frozen=True, kw_only=True)
class Supply:
    """A patient's home supply of one prescription.

    `quantity` is what is usable today, `shortfall` what was taken since it ran out and no refill has made good.
    `run_out_at` is the first dose ahead (aware) that can't be met in full, None when all known ones can; `days_left`
    the local days until then (0 is today). `latest_batch_id` is the last refill. `expiring` are the batches that
    expire soon with some left, by position in `batch_ids`.
    """

    quantity: Decimal
    shortfall: Decimal
    run_out_at: datetime | None
    days_left: int | None
    latest_batch_id: int
    low: bool
    expiring: tuple[ExpiringBatch, ...]
    batch_ids: tuple[int, ...]


@dataclass
class _Stock:
    """The batches of one prescription that have something left, with their ids; `latest_id` is of any batch."""

    ids: list[int]
    batches: list[Batch]
    latest_id: int = 0


def supply_of(prescription_ids: Collection[int], *, now: datetime) -> dict[int, Supply]:
    """The home supply of each of these prescriptions that ever had one. Four queries.

    Only doses within the horizon are known (options.horizon_days).
    """
    stocks = _stocks(prescription_ids)
    demand = _demand(stocks, now)
    shortfalls = _shortfalls(stocks)
    prescriptions = Prescription.objects.filter(id__in=stocks).select_related("patient__clinic")
    return {
        each.id: _supply(
            each.patient, stocks[each.id], demand[each.id], shortfalls.get(each.id, Decimal(0)), now
        )
        for each in prescriptions
    }


def daily_demand(*, now: datetime) -> dict[tuple[int, int], Decimal]:
    """What the patients of a clinic are to take of a medicine a day, by (clinic, medicine), on average over the
    horizon. One query.
    """
    days = options.horizon_days()
    ahead = Dose.objects.filter(
        due_at__gt=now,
        due_at__lte=now + timedelta(days=days),
        prescription__ended_at__isnull=True,
        patient__deceased_on__isnull=True,
    )
    rows = ahead.values_list("patient__clinic_id", "prescription__medicine_id").annotate(
        total=Sum("quantity")
    )
    # SQLite sums decimals as binary fractions; the columns have three places.
    return {
        (clinic_id, medicine_id): total.quantize(Decimal("0.001")) / days
        for clinic_id, medicine_id, total in rows
    }


def _stocks(prescription_ids: Collection[int]) -> dict[int, _Stock]:
    stocks: dict[int, _Stock] = {}
    rows = StockBatch.objects.filter(prescription_id__in=prescription_ids).order_by("id")
    for batch_id, prescription_id, quantity, expiry_date in rows.values_list(
        "id", "prescription_id", "quantity", "expiry_date"
    ):
        own = stocks.setdefault(prescription_id, _Stock([], []))
        own.latest_id = batch_id
        if quantity:
            own.ids.append(batch_id)
            own.batches.append((quantity, expiry_date))
    return stocks


def _supply(patient: Patient, own: _Stock, doses: list[DueDose], shortfall: Decimal, now: datetime) -> Supply:
    zone, clinic = patient.zone, patient.clinic
    today = now.astimezone(ZoneInfo(zone)).date()
    run_out_at = stock.run_out(batches=own.batches, doses=doses, timezone=zone)
    days_left = (run_out_at.astimezone(ZoneInfo(zone)).date() - today).days if run_out_at else None
    expiring = stock.expiring(
        batches=own.batches, doses=doses, today=today, within_days=clinic.expiry_days, timezone=zone
    )
    return Supply(
        quantity=sum((quantity for quantity, last_day in own.batches if last_day >= today), Decimal(0)),
        shortfall=shortfall,
        run_out_at=run_out_at,
        days_left=days_left,
        latest_batch_id=own.latest_id,
        low=days_left is not None and days_left <= clinic.low_stock_days,
        expiring=tuple(expiring),
        batch_ids=tuple(own.ids),
    )


def _demand(prescription_ids: Collection[int], now: datetime) -> defaultdict[int, list[DueDose]]:
    demand: defaultdict[int, list[DueDose]] = defaultdict(list)
    ahead = Dose.objects.filter(prescription_id__in=prescription_ids, due_at__gt=now, state__in=OPEN_STATES)
    for prescription_id, due_at, quantity in ahead.values_list("prescription_id", "due_at", "quantity"):
        demand[prescription_id].append((due_at, quantity))
    return demand


def _shortfalls(prescription_ids: Collection[int]) -> dict[int, Decimal]:
    """What the next refill has to make good: the movements without a batch since the first batch was received."""
    since = Min("prescription__batches__received_at")
    short = StockMovement.objects.filter(prescription_id__in=prescription_ids, batch__isnull=True)
    owed: dict[int, Decimal] = defaultdict(Decimal)
    rows = short.annotate(since=since).values_list("prescription_id", "quantity", "at", "since")
    for prescription_id, quantity, at, counted_since in rows:
        if at >= counted_since:
            owed[prescription_id] -= quantity
    return owed
