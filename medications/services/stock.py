"""What comes into a stock, what is taken from it, and what is given back. Each is written in the ledger."""

from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Max, QuerySet

from home.models import Clinic, User
from medications.models import Dose, Medicine, Prescription, StockBatch, StockMovement
from medications.services.ledger import (
    Act,
    Kind,
    forgiven,
    hold_home,
    lock_home,
    moved,
    settle,
    taken_from,
    write,
)


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
    why: str = "",
    is_silent: bool = False,
) -> StockBatch:
    """Log a refill of a patient's home supply or of a clinic's shelf: exactly one of the two.

    Doses taken since the stock ran out are taken from it, so that a refill logged late isn't overestimated.
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
            is_silent=is_silent,
        )
        batch.full_clean()
        batch_added(Act(by=user, at=now, why=why), batch, kind=Kind.RECEIVED)
    return batch


def batch_added(act: Act, batch: StockBatch, *, kind: str, from_shelf: StockMovement | None = None) -> None:
    """Save a new batch with its first movement. Called in a transaction."""
    others = lock_home(batch.prescription_id) if batch.prescription_id else []
    quantity, batch.quantity = batch.quantity, Decimal(0)
    batch.save()
    write([moved(act, kind=kind, quantity=quantity, batch=batch, from_shelf=from_shelf)])
    if others and batch.prescription_id:
        settle(act, batch.prescription_id, [*others, batch])


def stock_recorded(*, batches: QuerySet[StockBatch], user: User | None, now: datetime) -> None:
    """Bring the movements in step with batches that were written by hand: a new batch is received, another quantity
    is a count.
    """
    act = Act(by=user, at=now)
    with transaction.atomic():
        for prescription_id in sorted(filter(None, set(batches.values_list("prescription_id", flat=True)))):
            hold_home(prescription_id)
        rows = list(batches.select_for_update(of=("self",)).order_by("id"))
        sums = _totals(StockMovement.objects.filter(batch__in=rows), "batch_id")
        counted: set[int | None] = set()
        received: set[int | None] = set()
        for batch in rows:
            is_new = batch.pk not in sums
            recorded = sums.get(batch.pk, Decimal(0))
            if is_new or batch.quantity != recorded:
                (received if is_new else counted).add(batch.prescription_id)
                difference, batch.quantity = batch.quantity - recorded, recorded
                kind = Kind.RECEIVED if is_new else Kind.COUNTED
                write([moved(act, kind=kind, quantity=difference, batch=batch)])
        for prescription_id in filter(None, counted):
            write(forgiven(act, prescription_id))
        for prescription_id in filter(None, received):
            settle(act, prescription_id, lock_home(prescription_id))


def stock_take(
    *,
    prescription_id: int,
    quantity: Decimal,
    day: date,
    user: User | None,
    now: datetime,
    dose: Dose | None = None,
    why: str = "",
) -> Decimal:
    """Take a quantity from the home supply, soonest expiry first, out of what was usable on that local day; what is
    missing, which the next refill owes.

    The day is the dose's own, whenever it is answered. Nothing is owed, and nothing is written, where nobody has
    counted yet. Called in the transaction that answers the dose.
    """
    batches = lock_home(prescription_id)
    if not batches:
        return Decimal(0)
    act = Act(by=user, at=now, why=why)
    dose_id = dose.pk if dose else None
    movements, missing = taken_from(act, batches, quantity=quantity, day=day, dose_id=dose_id, taken_on=day)
    if missing:
        movements.append(
            moved(
                act,
                kind=Kind.TAKEN,
                quantity=-missing,
                prescription_id=prescription_id,
                dose_id=dose_id,
                taken_on=day,
            )
        )
    write(movements)
    return missing


def stock_give_back(*, dose: Dose, user: User | None, now: datetime, why: str = "") -> None:
    """Return a dose's quantity to the batches it came from. Called in the transaction that undoes the answer.

    A batch that was counted since gets nothing back: the count said what is there.
    """
    batches = {batch.pk: batch for batch in lock_home(dose.prescription_id)}
    counts = StockMovement.objects.filter(batch__in=batches, kind=Kind.COUNTED)
    counted = dict(counts.values_list("batch_id").annotate(last=Max("id")).order_by())
    taken: dict[tuple[int | None, date | None], Decimal] = defaultdict(Decimal)
    rows = StockMovement.objects.filter(dose=dose).order_by("id")
    for movement_id, batch_id, taken_on, quantity in rows.values_list(
        "id", "batch_id", "taken_on", "quantity"
    ):
        if batch_id is None or movement_id > counted.get(batch_id, 0):
            taken[batch_id, taken_on] -= quantity
    act = Act(by=user, at=now, why=why)
    write(
        moved(
            act,
            kind=Kind.UNDONE,
            quantity=quantity,
            batch=None if batch_id is None else batches[batch_id],
            prescription_id=dose.prescription_id,
            dose_id=dose.pk,
            taken_on=taken_on,
        )
        for (batch_id, taken_on), quantity in taken.items()
        if quantity > 0
    )
    if batches:
        settle(act, dose.prescription_id, list(batches.values()))


def _totals(movements: QuerySet[StockMovement], key: str) -> dict[int | None, Decimal]:
    """The movements' quantities summed by a key; here and not in SQLite, whose sums are binary fractions."""
    totals: dict[int | None, Decimal] = defaultdict(Decimal)
    for value, quantity in movements.values_list(key, "quantity"):
        totals[value] += quantity
    return totals
