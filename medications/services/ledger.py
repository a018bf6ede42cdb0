"""How a movement of stock is written: with the quantity of its batch, under a lock, and never changed afterwards.

Everything that changes a home supply first locks its prescription, before any dose of it; what is handed out locks
the shelf's batch after that. So nothing is lost, and nothing becomes negative, when two do something at once.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from home.models import User
from medications.models import Prescription, StockBatch, StockMovement
from medications.rules import stock as rules
from medications.services.stock_looks import look_again

Kind = StockMovement.Kind


@dataclass(frozen=True, kw_only=True)
class Act:
    """Who does something with stock, when and why."""

    by: User | None
    at: datetime
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Owed:
    """What was taken on a day while nothing usable was there, and nothing has made good since."""

    dose_id: int | None
    taken_on: date | None
    day: date
    quantity: Decimal


def hold_home(prescription_id: int) -> None:
    """Let nobody else change this home supply until the end of this transaction.

    Who answers a dose does so before changing the dose, as who replaces doses does: both in one order can't wait for
    each other.
    """
    # Not the strongest lock, because rows that point to the prescription may be written meanwhile.
    rows = Prescription.objects.select_for_update(no_key=True).filter(id=prescription_id)
    list(rows.values_list("id", flat=True))


def lock_home(prescription_id: int) -> list[StockBatch]:
    """Hold a home supply; its batches, as they are now. Two queries."""
    hold_home(prescription_id)
    return list(StockBatch.objects.filter(prescription_id=prescription_id).order_by("id"))


def lock_of(batch_id: int) -> list[StockBatch]:
    """A batch of a shelf alone, or all batches of the home supply to which it belongs. StockBatch.DoesNotExist."""
    batch = StockBatch.objects.get(id=batch_id)
    if batch.prescription_id is None:
        return [StockBatch.objects.select_for_update().get(id=batch_id)]
    return lock_home(batch.prescription_id)


def moved(
    act: Act,
    *,
    kind: str,
    quantity: Decimal,
    batch: StockBatch | None = None,
    prescription_id: int | None = None,
    dose_id: int | None = None,
    taken_on: date | None = None,
    from_shelf: StockMovement | None = None,
) -> StockMovement:
    """A movement that isn't written yet; its batch has its new quantity. Without a batch, name the prescription."""
    if batch is not None:
        batch.quantity += quantity
        prescription_id = batch.prescription_id
    return StockMovement(
        batch=batch,
        prescription_id=prescription_id,
        dose_id=dose_id,
        from_shelf=from_shelf,
        quantity=quantity,
        kind=kind,
        at=act.at,
        by=act.by,
        why=act.why,
        taken_on=taken_on,
    )


def write(movements: Iterable[StockMovement]) -> None:
    """Write these movements in their order, and the quantities of their batches, which this transaction has locked.

    The home supplies are looked at again; of what was taken for a dose, `dose_stock` says whether they are.
    """
    rows = list(movements)
    StockMovement.objects.bulk_create(rows)
    if homes := {row.prescription_id for row in rows if row.prescription_id and row.kind != Kind.TAKEN}:
        look_again(homes)
    for batch in {row.batch.pk: row.batch for row in rows if row.batch is not None}.values():
        batch.save(update_fields=["quantity"])  # not computed in SQL: SQLite's sums are binary fractions


def owed_of(prescription_id: int) -> list[Owed]:
    """What the next refill has to make good, in the order in which it was taken. One query."""
    totals: dict[tuple[int | None, date | None], Decimal] = defaultdict(Decimal)
    days: dict[tuple[int | None, date | None], date] = {}
    rows = StockMovement.objects.filter(prescription_id=prescription_id, batch__isnull=True).order_by("id")
    for dose_id, taken_on, at, quantity in rows.values_list("dose_id", "taken_on", "at", "quantity"):
        totals[dose_id, taken_on] += quantity
        days.setdefault((dose_id, taken_on), taken_on or at.date())
    return [
        Owed(dose_id=key[0], taken_on=key[1], day=days[key], quantity=-total)
        for key, total in totals.items()
        if total < 0
    ]


def taken_from(
    act: Act,
    batches: Sequence[StockBatch],
    *,
    quantity: Decimal,
    day: date,
    dose_id: int | None = None,
    taken_on: date | None = None,
) -> tuple[list[StockMovement], Decimal]:
    """The movements that take a quantity from what was usable on that day, and what is missing."""
    taking = rules.take(
        batches=[(batch.quantity, batch.expiry_date) for batch in batches], quantity=quantity, today=day
    )
    movements = [
        moved(
            act,
            kind=Kind.TAKEN,
            quantity=-part,
            batch=batches[position],
            dose_id=dose_id,
            taken_on=taken_on,
        )
        for position, part in taking.allocations
    ]
    return movements, taking.shortfall


def settle(act: Act, prescription_id: int, batches: Sequence[StockBatch]) -> None:
    """Take what is owed from what is there by now, each from what was usable on its own day."""
    write(_settling(act, prescription_id, batches))


def _settling(act: Act, prescription_id: int, batches: Sequence[StockBatch]) -> Iterator[StockMovement]:
    for owed in owed_of(prescription_id):
        movements, missing = taken_from(
            act,
            batches,
            quantity=owed.quantity,
            day=owed.day,
            dose_id=owed.dose_id,
            taken_on=owed.taken_on,
        )
        if movements:
            yield _made_good(act, prescription_id, owed, owed.quantity - missing, Kind.TAKEN)
            yield from movements


def forgiven(act: Act, prescription_id: int) -> list[StockMovement]:
    """The movements by which a count settles what is owed: it says what is there, whatever was taken before."""
    return [
        _made_good(act, prescription_id, owed, owed.quantity, Kind.COUNTED)
        for owed in owed_of(prescription_id)
    ]


def _made_good(act: Act, prescription_id: int, owed: Owed, quantity: Decimal, kind: str) -> StockMovement:
    return moved(
        act,
        kind=kind,
        quantity=quantity,
        prescription_id=prescription_id,
        dose_id=owed.dose_id,
        taken_on=owed.taken_on,
    )
