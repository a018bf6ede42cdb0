"""What the answers to doses do to the stock at home."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from home.models import User
from medications.models import Dose, StockMovement
from medications.services.stock import stock_give_back, stock_take


def take_for(dose: Dose, *, user: User | None, now: datetime) -> None:
    """Take what was taken of a dose, out of what was usable on the dose's own day. Its patient and clinic are joined.

    What is still taken for it isn't taken again: after a count, undoing gives nothing back.
    """
    moved = StockMovement.objects.filter(dose=dose).values_list("quantity", flat=True)
    missing = dose.amount + sum(moved, Decimal(0))
    if missing > 0:
        stock_take(
            prescription_id=dose.prescription_id,
            quantity=missing,
            day=dose.wall(ZoneInfo(dose.patient.zone))[0],
            dose=dose,
            user=user,
            now=now,
        )


def give_back_for(dose: Dose, *, user: User | None, now: datetime, why: str = "") -> None:
    """Give back what was taken for a dose."""
    stock_give_back(dose=dose, user=user, now=now, why=why)
