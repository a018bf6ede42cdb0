"""What a nurse is about to prescribe, in words: how it is taken, the next 14 days, what is handed out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from home.models import Patient
from home.models.clinic import FURTHEST_DAYS_AHEAD
from medications import formats
from medications.admin.plan_words import Days, choices
from medications.models import Prescription
from medications.presentation.schedule_words import how_and_when
from medications.rules import doses
from medications.rules.replanning import Start
from medications.selectors.replanning import change, plan_of
from medications.services.prescribing import Order
from notifications.texts.formats import weekday_day


@dataclass(frozen=True, kw_only=True)
class Ahead:
    """One medicine: `notes` ask the nurse to look twice, `days` is empty where nothing is planned."""

    medicine: str
    how: list[str]
    notes: list[str]
    days: list[Days]
    handed_out: str


def ahead(
    patient: Patient, orders: Sequence[Order], *, active: Iterable[Prescription], now: datetime
) -> list[Ahead]:
    """What comes of these orders. `active` are the patient's prescriptions, with their medicines. No queries."""
    today = now.astimezone(ZoneInfo(patient.zone)).date()
    taken = {each.medicine_id for each in active}
    found = []
    for order in orders:
        prescription = order.prescription(patient)
        found.append(
            Ahead(
                medicine=str(order.medicine),
                how=how_and_when(prescription, today=today),
                notes=[_("This patient takes it already.")] if order.medicine.pk in taken else [],
                days=_days(prescription, order, now),
                handed_out=_handed_out(order, patient, now),
            )
        )
        taken.add(order.medicine.pk)
    return found


def _days(prescription: Prescription, order: Order, now: datetime) -> list[Days]:
    if order.rule["kind"] == "as_needed":
        return []
    plan = plan_of(prescription, {-1: order.rule})
    found = {Start.COUNTED: change(prescription, plan, [], now=now, start=Start.COUNTED)}
    return choices(found, now=now)[0].days


def _handed_out(order: Order, patient: Patient, now: datetime) -> str:
    """How much, and until when it lasts."""
    if not order.handed_out:
        return ""
    amount = formats.quantity(order.handed_out, order.medicine.form)
    last = _lasts_until(order, patient, now)
    if last is None or last < _begins(order, patient, now):
        return _("Handed out now: %(amount)s.") % {"amount": amount}
    return _("Handed out now: %(amount)s, enough until %(day)s.") % {
        "amount": amount,
        "day": weekday_day(last),
    }


def _begins(order: Order, patient: Patient, now: datetime) -> date:
    return max(now.astimezone(ZoneInfo(patient.zone)).date(), order.start_date)


def _lasts_until(order: Order, patient: Patient, now: datetime) -> date | None:
    """The last day that can be met in full; None where it is enough, or isn't planned ahead."""
    zone = ZoneInfo(patient.zone)
    begins = _begins(order, patient, now)
    until = begins + timedelta(days=FURTHEST_DAYS_AHEAD)
    if order.end_date:
        until = min(until, order.end_date)
    due = doses.expand(order.rule, start=begins, end=until, timezone=patient.zone, slots=patient.slots)
    left = order.handed_out or Decimal(0)
    for due_at, quantity in due:
        if due_at > now:
            left -= quantity
        if left < 0:
            return due_at.astimezone(zone).date() - timedelta(days=1)
    return None
