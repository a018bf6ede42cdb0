"""The demo's stock at home and on the shelves, with its movements; some of it runs low."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from home.models import Clinic
from medications.demo.prescriptions import Prescribed
from medications.models import Dose, Medicine, StockBatch, StockMovement

Kind = StockMovement.Kind

_RECEIVED = timedelta(days=36)
_PLENTY, _FEW = Decimal(560), Decimal(28)


def stock_homes(
    prescribed: Sequence[Prescribed], taken: Iterable[Dose], *, now: datetime
) -> list[StockBatch]:
    """Give each prescription its batches, the first with what has been taken since on top."""
    doses: dict[int, list[Dose]] = defaultdict(list)
    for dose in taken:
        doses[dose.prescription_id].append(dose)
    batches = []
    movements = []
    for each in prescribed:
        prescription = each.prescription
        today = now.astimezone(ZoneInfo(prescription.patient.zone)).date()
        received_at = max(prescription.created_at, now - _RECEIVED)
        drawn = doses[prescription.id]
        # Nothing is taken before it is there.
        first = min((dose.answered_at or dose.due_at for dose in drawn), default=received_at)
        received_at = min(received_at, first - timedelta(minutes=5))
        for number, planned in enumerate(each.plan.batches):
            batch = StockBatch(
                medicine=prescription.medicine,
                prescription=prescription,
                batch_number=f"H{prescription.id:04d}{'ABC'[number]}",
                quantity=planned.left,
                expiry_date=today + timedelta(days=planned.expires_in),
                received_at=received_at,
            )
            batches.append(batch)
            from_this = drawn if number == 0 else []
            amount = sum((dose.amount for dose in from_this), planned.left)
            movements.append(_refill(batch, amount))
            movements += [_taken(batch, dose) for dose in from_this]
    StockBatch.objects.bulk_create(batches)
    StockMovement.objects.bulk_create(sorted(movements, key=lambda movement: movement.at))
    return batches


def stock_shelves(
    clinics: Iterable[Clinic], medicines: Mapping[str, Medicine], *, now: datetime
) -> list[StockBatch]:
    """Fill the shelves: plenty of everything, but little metformin, and paracetamol that expires unused."""
    batches = [
        StockBatch(
            medicine=medicine,
            clinic=clinic,
            batch_number=f"S{clinic.id:02d}{medicine.id:03d}",
            quantity=_FEW if key == "metformin" else _PLENTY,
            expiry_date=now.astimezone(ZoneInfo(clinic.zone)).date()
            + timedelta(days=3 if key == "paracetamol" else 400),
            received_at=now - _RECEIVED,
        )
        for clinic in clinics
        for key, medicine in medicines.items()
    ]
    StockBatch.objects.bulk_create(batches)
    StockMovement.objects.bulk_create(_refill(batch, batch.quantity) for batch in batches)
    return batches


def _refill(batch: StockBatch, quantity: Decimal) -> StockMovement:
    return StockMovement(
        batch=batch,
        prescription=batch.prescription,
        quantity=quantity,
        kind=Kind.RECEIVED,
        at=batch.received_at,
    )


def _taken(batch: StockBatch, dose: Dose) -> StockMovement:
    return StockMovement(
        batch=batch,
        prescription=batch.prescription,
        dose=dose,
        quantity=-dose.amount,
        kind=Kind.TAKEN,
        at=dose.answered_at or dose.due_at,
        by_id=dose.answered_by_id,
    )
