"""What the answers to doses do to the stock at home."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from home.models import User
from medications.models import Dose, StockMovement
from medications.services.stock import stock_give_back, stock_take

_NOTHING = Decimal(0)


def take_for(dose: Dose, *, user: User | None, now: datetime, already: Decimal = _NOTHING) -> None:
    """Take what was taken of a dose, out of what was usable on the dose's own day. Its patient and clinic are joined.

    `already` is what is taken for this answer, where it corrects another.
    """
    missing = dose.amount - already
    if missing > 0 and not _is_counted(dose):
        stock_take(
            prescription_id=dose.prescription_id,
            quantity=missing,
            day=dose.wall(ZoneInfo(dose.patient.zone))[0],
            dose=dose,
            user=user,
            now=now,
        )


def give_back_for(dose: Dose, *, user: User | None, now: datetime) -> Decimal:
    """Give back what was taken for a dose; what of it stays taken, because a count has said since what is there."""
    before = _moved(dose)
    stock_give_back(dose=dose, user=user, now=now)
    return max(dose.amount - (_moved(dose) - before), _NOTHING)


def _is_counted(dose: Dose) -> bool:
    """Whether the home supply was counted after the dose was taken: what was there then is without it already."""
    if dose.taken_at is None:
        return False  # it was taken as it is answered
    counts = StockMovement.objects.filter(
        batch__prescription=dose.prescription_id, kind=StockMovement.Kind.COUNTED, at__gt=dose.taken_at
    )
    return counts.exists()


def _moved(dose: Dose) -> Decimal:
    return sum(StockMovement.objects.filter(dose=dose).values_list("quantity", flat=True), _NOTHING)
