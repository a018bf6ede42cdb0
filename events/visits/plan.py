"""Plan a visit, and change what it is for."""

from datetime import date, datetime, time

from django.db import transaction

from events.models import Visit
from events.rules.visit_times import next_step_at
from events.services.refusals import refuse_gone
from events.visits.locks import lock_patient, lock_visit
from events.visits.refusals import refuse_day, refuse_twice, today_at
from home.models import Patient, User


def visit_plan(
    *,
    patient_id: int,
    kind: str,
    day: date,
    now: datetime,
    at: time | None = None,
    note: str = "",
    by: User | None = None,
) -> Visit:
    """Plan a visit of this patient at their clinic. Nobody is told: they know, and are reminded in time.

    EventRefusedError, by field: a day that is past or too far, one on which the patient has such a visit already, and a
    patient who died or left.
    """
    with transaction.atomic():
        patient = lock_patient(patient_id)
        refuse_gone(patient)
        refuse_day(day, today=today_at(patient.clinic, now))
        refuse_twice(patient_id, kind, day)
        return visit_make(patient=patient, kind=kind, day=day, at=at, note=note, by=by, now=now)


def visit_make(
    *, patient: Patient, kind: str, day: date, at: time | None, note: str, by: User | None, now: datetime
) -> Visit:
    """The row of a visit that may be, with its first step. Join the clinic."""
    clinic = patient.clinic
    return Visit.objects.create(
        patient=patient,
        clinic=clinic,
        kind=kind,
        day=day,
        at=at,
        note=note,
        planned_at=now,
        planned_by=by,
        next_step_at=next_step_at(day, clinic.zone, planned_on=today_at(clinic, now), now=now),
    )


def visit_edit(*, visit_id: int, kind: str, note: str) -> Visit:
    """Change what a visit is for, and the clinic's note; all else stays as it is by now.

    EventRefusedError, by field: the patient has a visit of that kind on that day already.
    """
    with transaction.atomic():
        visit = lock_visit(visit_id)
        if visit.is_planned:
            refuse_twice(visit.patient_id, kind, visit.day, but=visit.pk, field="kind")
        visit.kind, visit.note = kind, note
        visit.save(update_fields=["kind", "note"])
    return visit
