"""Visits that are planned, and taken back, with the result of a call."""

from datetime import date, datetime

from events.models import Visit
from events.selectors.visits import last_of
from events.visits.plan import visit_plan
from home.models import Patient, User, WorklistEntry

Kind, State = Visit.Kind, Visit.State


def visit_promised(patient: Patient, day: date, by: User, now: datetime) -> int | None:
    """Plan what this patient said they will come for on this day; the visit's id. EventRefusedError as `visit_plan`.

    Whatever else is planned stays. None where a visit is planned on that day already: that one is meant.
    """
    if Visit.objects.filter(patient=patient, day=day, state=State.PLANNED).exists():
        return None
    kind = _kind_for(patient)
    return visit_plan(patient_id=patient.pk, kind=kind, day=day, now=now, by=by).pk


def visit_take_back(visit_id: int, by: User, now: datetime) -> None:
    """It was never promised. What the patient has confirmed, or somebody has decided on, stays."""
    Visit.objects.filter(pk=visit_id, planned_by=by, state=State.PLANNED, confirmed_at__isnull=True).delete()


def _kind_for(patient: Patient) -> str:
    """What they missed; a vaccination where nothing else is to be talked about; else medicine. Two queries."""
    last = last_of(patient.pk)
    if last and last.state == State.MISSED:
        return last.kind
    reasons = set(WorklistEntry.objects.filter(patient=patient).values_list("reason", flat=True))
    return Kind.VACCINATION if reasons == {"vaccination_overdue"} else Kind.COLLECTION
