"""Doses of the last month that were recorded besides the plan: as needed, once too early, and an extra one."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from home.selectors import people_of
from medications.demo.answers import logged
from medications.models import Dose, DoseAnswer, Prescription
from medications.rules.dose_kinds.as_needed import AsNeededRule
from medications.selectors.as_needed import rule_of

_HOURS_AGO = (27, 34, 76, 101, 109, 190, 192, 370, 379, 550)
"""When it was taken; between the sixth and the seventh was too little time."""
_TOO_EARLY, _IN_PART = 190, 101
_EXTRA = ("Furosemide", timedelta(days=10, hours=2))


def record(prescriptions: Iterable[Prescription], *, now: datetime) -> list[Dose]:
    """Record them with their log; the doses that were taken."""
    mine = list(prescriptions)
    people = people_of({each.patient_id for each in mine})
    doses = []
    for each in mine:
        by = people[each.patient_id][0].user_id if people[each.patient_id] else None
        day = now.astimezone(ZoneInfo(each.patient.zone)).date()
        if rule := rule_of(each, day):
            doses += [_as_needed(each, rule, now - timedelta(hours=hours), by, hours) for hours in _HOURS_AGO]
        elif each.medicine.name_en == _EXTRA[0] and each.patient.first_name == "Pieter":
            doses.append(_dose(each, Dose.Kind.EXTRA, now - _EXTRA[1], by, quantity=Decimal(1)))
    Dose.objects.bulk_create(doses)
    DoseAnswer.objects.bulk_create(logged(dose) for dose in doses)
    return doses


def _as_needed(
    prescription: Prescription, rule: AsNeededRule, at: datetime, by: int | None, hours: int
) -> Dose:
    dose = _dose(prescription, Dose.Kind.AS_NEEDED, at, by, quantity=rule.quantity)
    dose.over_limit = hours == _TOO_EARLY
    dose.taken_quantity = rule.quantity / 2 if hours == _IN_PART else None
    return dose


def _dose(prescription: Prescription, kind: str, at: datetime, by: int | None, *, quantity: Decimal) -> Dose:
    at = at.replace(second=0, microsecond=0)
    local = at.astimezone(ZoneInfo(prescription.patient.zone))
    return Dose(
        prescription=prescription,
        patient_id=prescription.patient_id,
        kind=kind,
        due_at=at,
        local_day=local.date(),
        local_time=local.time(),
        quantity=quantity,
        state=Dose.State.TAKEN,
        taken_at=at,
        answered_at=at + timedelta(minutes=3),
        answered_by_id=by,
        remind_until=at,
        missed_at=at,
    )
