"""What the answers to doses do to the stock at home."""

from datetime import datetime
from zoneinfo import ZoneInfo

from home.models import User
from medications.models import Dose, StockMovement
from medications.services.stock import stock_take
from medications.services.stock_looks import as_planned, look_again


def take_for(dose: Dose, *, user: User | None, now: datetime) -> None:
    """Take what was taken of a dose, out of what was usable on the dose's own day. Its patient and clinic are joined.

    Nothing where the home supply was counted after the dose was taken: what was there then is without it already.
    """
    if not _is_counted(dose):
        stock_take(
            prescription_id=dose.prescription_id,
            quantity=dose.amount,
            day=dose.wall(ZoneInfo(dose.patient.zone))[0],
            dose=dose,
            user=user,
            now=now,
        )
        if not as_planned(dose, now=now):
            look_again([dose.prescription_id])


def _is_counted(dose: Dose) -> bool:
    if dose.taken_at is None:
        return False  # it was taken as it is answered
    counts = StockMovement.objects.filter(
        batch__prescription=dose.prescription_id, kind=StockMovement.Kind.COUNTED, at__gt=dose.taken_at
    )
    return counts.exists()
