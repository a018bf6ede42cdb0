"""The lines of a ledger, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from medications.admin.stock_holder import StockHolder
from medications.formats import quantity
from medications.models import StockMovement
from medications.selectors.ledger import rounded
from notifications.texts.formats import clock, number
from notifications.texts.formats import day as day_in_words


@dataclass(frozen=True, kw_only=True)
class Line:
    """One movement. `change` has its sign; `balance` is what was there after it."""

    at: datetime
    when: str
    kind: str
    change: str
    batch: str
    who: str
    why: str
    balance: str


def lines(movements: Iterable[StockMovement], holder: StockHolder) -> list[Line]:
    """The movements of `holder.ledger`, by the clinic's clock."""
    zone = ZoneInfo(holder.clinic.timezone)
    return [
        Line(
            at=row.at,
            when=f"{day_in_words(row.at.astimezone(zone).date())}, {clock(row.at, zone)}",
            kind=row.get_kind_display(),
            change=_signed(row.quantity),
            batch=(row.batch.batch_number or "–") if row.batch else _("not there, owed"),
            who=(row.by.get_full_name() or str(row.by)) if row.by else "–",
            why="; ".join(filter(None, (_about(row, zone), row.why))),
            balance=quantity(rounded(row.balance), holder.medicine.form),  # type: ignore[attr-defined]
        )
        for row in movements
    ]


def _signed(value: Decimal) -> str:
    """As "+28" or "−1"."""
    sign = {True: "+", False: "−"}[value > 0] if value else ""
    return f"{sign}{number(abs(value))}"


def _about(row: StockMovement, zone: ZoneInfo) -> str:
    """To whom it was handed out, or for which dose it was taken."""
    if to_home := getattr(row, "to_home", None):
        return _("to %(name)s") % {"name": to_home.prescription.patient.get_full_name()}
    if row.dose:
        due = f"{day_in_words(row.dose.due_at.astimezone(zone).date())}, {clock(row.dose.due_at, zone)}"
        return _("dose of %(when)s") % {"when": due}
    return ""
