"""Reads: the ledger of a stock, and whether quantities are still the sums of their movements."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import F, Max, Q, QuerySet, Sum, Window
from django.db.models.functions import Coalesce

from home.models import Clinic
from medications.models import Prescription, StockBatch, StockMovement

_Kind = StockMovement.Kind
_CAME_IN = (_Kind.HANDED_OUT, _Kind.RECEIVED)
_PLACES = Decimal("0.001")
"""SQLite sums decimals as binary fractions; the columns have three places."""


def home_ledger(prescription: Prescription) -> QuerySet[StockMovement]:
    """The movements of a home supply, the latest first, each with its `balance`: what was there, less what was owed."""
    return _with_balance(StockMovement.objects.filter(prescription=prescription))


def batch_ledger(batch: StockBatch) -> QuerySet[StockMovement]:
    """The movements of a batch, the latest first, each with its `balance`."""
    return _with_balance(StockMovement.objects.filter(batch=batch))


def shelf_ledger(batch: StockBatch) -> QuerySet[StockMovement]:
    """The movements of all batches of this one's medicine on its clinic's shelf, with the shelf's `balance`."""
    return _with_balance(
        StockMovement.objects.filter(batch__clinic=batch.clinic_id, batch__medicine=batch.medicine_id)
    )


def shelf_batches(prescription: Prescription) -> QuerySet[StockBatch]:
    """What the clinic of the patient has of this medicine, the soonest expiry first."""
    return StockBatch.objects.filter(
        clinic=prescription.patient.clinic_id, medicine=prescription.medicine_id, quantity__gt=0
    ).order_by("expiry_date", "id")


def usable_shelf(prescription: Prescription, *, now: datetime) -> QuerySet[StockBatch]:
    """Of `shelf_batches` what may still be given on the clinic's local day. The patient's clinic is joined."""
    today = now.astimezone(ZoneInfo(prescription.patient.clinic.zone)).date()
    return shelf_batches(prescription).filter(expiry_date__gte=today)


def usable_of(clinic: Clinic, medicine_ids: Iterable[int], *, now: datetime) -> dict[int, list[StockBatch]]:
    """What may be given of these medicines on the clinic's local day, the soonest expiry first. One query, or none."""
    found: dict[int, list[StockBatch]] = {medicine_id: [] for medicine_id in medicine_ids}
    if found:
        today = now.astimezone(ZoneInfo(clinic.zone)).date()
        rows = StockBatch.objects.filter(
            clinic=clinic, medicine__in=found, quantity__gt=0, expiry_date__gte=today
        )
        for batch in rows.order_by("expiry_date", "id"):
            found[batch.medicine_id].append(batch)
    return found


def newest_refill(prescription: Prescription) -> StockMovement | None:
    """What was handed out or collected last of a prescription, with its batch; None before the first. One query."""
    return _newest(StockMovement.objects.filter(prescription=prescription, batch__isnull=False), *_CAME_IN)


def newest_act(movements: QuerySet[StockMovement]) -> StockMovement | None:
    """Of these what somebody did last with the stock, besides taking doses, with its batch and the shelf's movement;
    None before the first. One query.
    """
    return _newest(movements, *_CAME_IN, _Kind.COUNTED, _Kind.CORRECTED, _Kind.WASTED)


def _newest(movements: QuerySet[StockMovement], *kinds: str) -> StockMovement | None:
    found = movements.filter(kind__in=kinds).select_related("batch", "from_shelf")
    return found.order_by("-id").first()


def newest_at_home(patient_id: int) -> int:
    """The id of the latest pack that a patient was given or collected, 0 before the first. One query."""
    found = StockBatch.objects.filter(prescription__patient=patient_id).aggregate(newest=Max("id"))
    return found["newest"] or 0


def unbalanced() -> dict[int, Decimal]:
    """The batches whose quantity isn't the sum of their movements, and by how much it is more. One query.

    There are none; who finds one has found a fault.
    """
    rows = StockBatch.objects.annotate(moved=Coalesce(Sum("movements__quantity"), Decimal(0)))
    apart = rows.filter(Q(quantity__gt=F("moved") + _PLACES / 2) | Q(quantity__lt=F("moved") - _PLACES / 2))
    return {
        batch_id: quantity - moved.quantize(_PLACES)
        for batch_id, quantity, moved in apart.values_list("id", "quantity", "moved").order_by("id")
    }


def rounded(balance: Decimal) -> Decimal:
    """A sum as the database gives it, to the places of the columns."""
    return balance.quantize(_PLACES)


def _with_balance(movements: QuerySet[StockMovement]) -> QuerySet[StockMovement]:
    return (
        movements.annotate(balance=Window(Sum("quantity"), order_by=["at", "id"]))
        .select_related("batch", "by", "dose", "to_home__prescription__patient")
        .order_by("-at", "-id")
    )
