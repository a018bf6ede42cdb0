"""Changes of stock. Each writes a movement and updates its batch together."""

from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Min, QuerySet

from home.models import Clinic, User
from medications.models import Dose, Medicine, Prescription, StockBatch, StockMovement
from medications.rules import stock as rules

Reason = StockMovement.Reason


def stock_receive(
    *,
    medicine: Medicine,
    quantity: Decimal,
    expiry_date: date,
    now: datetime,
    prescription: Prescription | None = None,
    clinic: Clinic | None = None,
    batch_number: str = "",
    user: User | None = None,
) -> StockBatch:
    """Log a refill of a patient's home supply or of a clinic's shelf: exactly one of the two.

    Doses taken since the stock ran out are subtracted from it, so that a refill logged late isn't overestimated.
    ValidationError when a value is impossible.
    """
    with transaction.atomic():
        batch = StockBatch(
            medicine=medicine,
            prescription=prescription,
            clinic=clinic,
            batch_number=batch_number,
            quantity=quantity,
            expiry_date=expiry_date,
            received_at=now,
        )
        batch.full_clean()
        batch.save()
        _log_batch(batch, user, now)
        batch.refresh_from_db()
    return batch


def stock_recorded(*, batches: QuerySet[StockBatch], user: User | None, now: datetime) -> None:
    """Bring the movements in step with batches that staff edited: a new batch is a refill, a changed quantity is a
    count.
    """
    with transaction.atomic():
        logged = batches.select_for_update(of=("self",)).order_by("id")
        sums = _totals(StockMovement.objects.filter(batch__in=batches), "batch_id")
        for batch in logged:
            if batch.id not in sums:
                _log_batch(batch, user, now)
            elif difference := batch.quantity - sums[batch.id]:
                _move(batch=batch, quantity=difference, reason=Reason.COUNT, at=now, by=user)


def stock_take(*, dose: Dose, user: User | None, now: datetime) -> None:
    """Take a dose's quantity from the home supply, soonest expiry first; the rest is a shortfall.

    Called in the transaction that answers the dose.
    """
    batches = list(
        StockBatch.objects.select_for_update()
        .filter(prescription_id=dose.prescription_id, quantity__gt=0)
        .order_by("id")
    )
    taking = rules.take(
        batches=[(batch.quantity, batch.expiry_date) for batch in batches],
        quantity=dose.quantity,
        today=now.astimezone(ZoneInfo(dose.patient.zone)).date(),
    )
    for position, quantity in taking.allocations:
        batch = batches[position]
        _set_quantity(batch, batch.quantity - quantity)
        _move(batch=batch, dose=dose, quantity=-quantity, reason=Reason.TAKEN, at=now, by=user)
    if taking.shortfall:
        _move(dose=dose, quantity=-taking.shortfall, reason=Reason.TAKEN, at=now, by=user)


def stock_give_back(*, dose: Dose, user: User | None, now: datetime) -> None:
    """Return a dose's quantity to the batches it came from. Called in the transaction that undoes the answer."""
    moved = StockMovement.objects.filter(dose=dose, reason__in=(Reason.TAKEN, Reason.UNDONE))
    taken = {batch_id: -total for batch_id, total in _totals(moved, "batch_id").items() if total < 0}
    for batch in StockBatch.objects.select_for_update().filter(id__in=filter(None, taken)).order_by("id"):
        _set_quantity(batch, batch.quantity + taken[batch.id])
        _move(batch=batch, dose=dose, quantity=taken[batch.id], reason=Reason.UNDONE, at=now, by=user)
    if None in taken:
        _move(dose=dose, quantity=taken[None], reason=Reason.UNDONE, at=now, by=user)


def _log_batch(batch: StockBatch, user: User | None, now: datetime) -> None:
    _move(batch=batch, quantity=batch.quantity, reason=Reason.REFILL, at=now, by=user)
    if batch.prescription_id is not None:
        _settle_shortfall(batch, batch.prescription_id)


def _settle_shortfall(batch: StockBatch, prescription_id: int) -> None:
    """Subtract from this refill what was taken while there was no stock.

    Not from the first batch of all: before it nobody kept count.
    """
    others = StockBatch.objects.filter(prescription_id=prescription_id).exclude(id=batch.id)
    counted_since = others.aggregate(first=Min("received_at"))["first"]
    if counted_since is None:
        return
    short = StockMovement.objects.filter(
        batch__isnull=True, dose__isnull=False, prescription_id=prescription_id, at__gte=counted_since
    )
    left = batch.quantity
    settled = []
    for dose_id, total in _totals(short.order_by("at", "id"), "dose_id").items():
        if dose_id is not None and total < 0 and left + total >= 0:
            settled.append(dose_id)
            left += total
    short.filter(dose_id__in=settled).update(batch=batch)
    _set_quantity(batch, left)


def _totals(movements: QuerySet[StockMovement], key: str) -> dict[int | None, Decimal]:
    """The movements' quantities summed by a key; here and not in SQLite, whose sums are binary fractions."""
    totals: dict[int | None, Decimal] = defaultdict(Decimal)
    for value, quantity in movements.values_list(key, "quantity"):
        totals[value] += quantity
    return totals


def _set_quantity(batch: StockBatch, quantity: Decimal) -> None:
    """Set the quantity of a batch that this transaction has locked; not computed in SQL, for the same reason."""
    batch.quantity = quantity
    batch.save(update_fields=["quantity"])


def _move(
    *,
    quantity: Decimal,
    reason: str,
    at: datetime,
    by: User | None,
    batch: StockBatch | None = None,
    dose: Dose | None = None,
) -> None:
    prescription_id = dose.prescription_id if dose else batch.prescription_id if batch else None
    StockMovement.objects.create(
        batch=batch,
        prescription_id=prescription_id,
        dose=dose,
        quantity=quantity,
        reason=reason,
        at=at,
        by=by,
    )
