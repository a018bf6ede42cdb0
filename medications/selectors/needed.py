"""Reads: how much of their medicines a patient needs until they come again."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal

from medications.models import Prescription
from medications.rules import doses
from medications.rules.errors import RuleError

USUAL_DAYS = 28
"""Until they come again, where no visit is planned."""


def days_until(visit: date | None, today: date) -> int:
    """How many days to hand out for, until a visit that is after today."""
    return (visit - today).days if visit else USUAL_DAYS


def needed(prescriptions: Sequence[Prescription], *, today: date, days: int) -> Mapping[int, Decimal]:
    """Whole units that are taken in so many days from today, by prescription; those without any are left out.

    Their schedules are prefetched, their patient is joined. No queries.
    """
    found = {}
    for each in prescriptions:
        total = sum((_taken(each, rule, today, days) for rule in _rules(each)), Decimal(0))
        if total:
            found[each.pk] = total.to_integral_value(ROUND_CEILING)
    return found


def _rules(prescription: Prescription) -> list[Mapping[str, object]]:
    return [schedule.rule for schedule in prescription.schedules.all()]


def _taken(prescription: Prescription, rule: Mapping[str, object], today: date, days: int) -> Decimal:
    first = max(today, prescription.start_date)
    last = min(filter(None, (today + timedelta(days=days - 1), prescription.end_date)))
    if last < first:
        return Decimal(0)
    patient = prescription.patient
    try:
        due = doses.expand(rule, start=first, end=last, timezone=patient.zone, slots=patient.slots)
    except RuleError:  # the expansion of doses logs it
        return Decimal(0)
    return sum((quantity for _due_at, quantity in due), Decimal(0))
