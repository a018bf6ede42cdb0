"""Reads: how long stock lasts. Each takes a set and makes a constant number of queries."""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Sum, prefetch_related_objects

from home.models import Clinic, Patient, in_care
from home.models.clinic import FURTHEST_DAYS_AHEAD
from medications import options
from medications.models import Dose, Prescription, StockBatch, StockMovement
from medications.rules import stock
from medications.rules.stock import Batch, ExpiringBatch
from medications.rules.stock import Dose as DueDose
from medications.rules.wall_time import instant
from medications.selectors.demand import doses_beyond, open_doses
from medications.selectors.ledger import rounded

logger = logging.getLogger(__name__)


_COLUMNS = (
    "start_date",
    "end_date",
    "ended_at",
    "patient__timezone",
    "patient__slot_times",
    "patient__clinic__timezone",
    "patient__clinic__slot_times",
    "patient__clinic__low_stock_days",
    "patient__clinic__expiry_days",
)
"""What the demand for a supply, and what is said of it, follow from."""


@dataclass(frozen=True, kw_only=True)
class Supply:
    """A patient's home supply of one prescription.

    `quantity` is what is usable today, `shortfall` what was taken since it ran out and no refill has made good.
    `run_out_at` is the first open dose (aware) that can't be met in full, None when all known ones can; `days_left`
    the local days until then (0 is today, also for one that is open from before). `low_from` is when the day begins
    on which that is as near as the clinic warns. `latest_batch_id` is the newest batch. `expiring` are the batches that
    expire soon with some left, by position in `batch_ids`.
    """

    quantity: Decimal
    shortfall: Decimal
    run_out_at: datetime | None
    days_left: int | None
    low_from: datetime | None
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
    """The home supply of each of these prescriptions that ever had one. Five queries, or four where no clinic warns
    from further ahead than doses are rows (options.horizon_days).

    Doses are known that far, and as far as the clinic warns. A prescription whose supply can't be worked out is
    logged and left out.
    """
    stocks = _stocks(prescription_ids)
    shortfalls = _shortfalls(stocks)
    rows = Prescription.objects.filter(id__any_of=set(stocks)).select_related("patient__clinic")
    prescriptions = list(rows.only(*_COLUMNS))
    demand = open_doses(prescriptions, now=now)
    further = [each for each in prescriptions if _warns_within(each.patient.clinic) >= options.horizon_days()]
    prefetch_related_objects(further, "schedules")
    found = {}
    for each in prescriptions:
        try:
            found[each.id] = _supply(
                each, stocks[each.id], demand[each.id], shortfalls.get(each.id, Decimal(0)), now
            )
        except Exception:
            logger.exception("The supply of prescription %(id)s can't be worked out.", {"id": each.id})
    return found


def daily_demand(
    *, now: datetime, clinics: Sequence[Clinic] | None = None, days: int | None = None
) -> dict[tuple[int, int], Decimal]:
    """What the patients of a clinic are to take of a medicine a day, by (clinic, medicine), on average over so
    many days, at most and by default the horizon; of these clinics, or of all. One query.
    """
    days = days or options.horizon_days()
    ahead = Dose.objects.filter(
        in_care("patient"),
        due_at__gt=now,
        due_at__lte=now + timedelta(days=days),
        prescription__ended_at__isnull=True,
    )
    if clinics is not None:
        # As a query of its own, by which the doses are found patient by patient, in the order of their index.
        ahead = ahead.filter(patient__in=Patient.objects.filter(clinic__in=clinics).order_by().values("pk"))
    rows = ahead.values_list("patient__clinic_id", "prescription__medicine_id").annotate(
        total=Sum("quantity")
    )
    return {(clinic_id, medicine_id): rounded(total) / days for clinic_id, medicine_id, total in rows}


def _stocks(prescription_ids: Collection[int]) -> dict[int, _Stock]:
    stocks: dict[int, _Stock] = {}
    rows = StockBatch.objects.filter(prescription_id__any_of=set(prescription_ids)).order_by("id")
    for batch_id, prescription_id, quantity, expiry_date in rows.values_list(
        "id", "prescription_id", "quantity", "expiry_date"
    ):
        own = stocks.setdefault(prescription_id, _Stock([], []))
        own.latest_id = batch_id
        if quantity:
            own.ids.append(batch_id)
            own.batches.append((quantity, expiry_date))
    return stocks


def _warns_within(clinic: Clinic) -> int:
    """How many days ahead its warnings reach; a setting of before there was a limit is cut to it."""
    return min(max(clinic.low_stock_days, clinic.expiry_days), FURTHEST_DAYS_AHEAD)


def _supply(
    prescription: Prescription, own: _Stock, known: list[DueDose], shortfall: Decimal, now: datetime
) -> Supply:
    clinic = prescription.patient.clinic
    zone = prescription.patient.zone
    today = now.astimezone(ZoneInfo(zone)).date()
    days = _warns_within(clinic)
    doses = known
    if days >= options.horizon_days():
        doses = known + doses_beyond(prescription, until=today + timedelta(days=days))
    foreseen = stock.foresee(
        batches=own.batches, doses=doses, today=today, within_days=clinic.expiry_days, timezone=zone
    )
    run_out_at = foreseen.run_out_at
    days_left = low_from = None
    if run_out_at is not None:
        day = run_out_at.astimezone(ZoneInfo(zone)).date()
        days_left = max(0, (day - today).days)  # a dose that is still open from yesterday can't be met today
        low_from = instant(day - timedelta(days=clinic.low_stock_days), time.min, ZoneInfo(zone))
    return Supply(
        quantity=sum((quantity for quantity, last_day in own.batches if last_day >= today), Decimal(0)),
        shortfall=shortfall,
        run_out_at=run_out_at,
        days_left=days_left,
        low_from=low_from,
        latest_batch_id=own.latest_id,
        low=days_left is not None and days_left <= clinic.low_stock_days,
        expiring=tuple(foreseen.expiring),
        batch_ids=tuple(own.ids),
    )


def _shortfalls(prescription_ids: Collection[int]) -> dict[int, Decimal]:
    """What the next refill of each has to make good: the sum of its movements without a batch, where it is negative."""
    short = StockMovement.objects.filter(prescription_id__any_of=set(prescription_ids), batch__isnull=True)
    rows = short.values_list("prescription_id").annotate(total=Sum("quantity")).order_by()
    return {id_: max(Decimal(0), -rounded(total)) for id_, total in rows}
