"""Reads: a person's prescriptions, and their latest doses."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, Q, QuerySet

from home.models import Patient
from medications.models import Dose, DoseAnswer, Prescription
from medications.rules.dose_kinds.as_needed import AsNeededRule
from medications.selectors.people import Person

HISTORY = timedelta(days=14)
OVER_LIMIT_SHOWN = timedelta(days=30)


def prescriptions_of(person: Person, *, now: datetime) -> tuple[list[Prescription], list[Prescription]]:
    """The prescriptions that are active or start later, and those that have ended, latest first. Two queries."""
    found = (
        Prescription.objects.filter(patient_id=person.patient.pk)
        .select_related("medicine", "patient__clinic", "stopped_by")
        .prefetch_related("schedules")
        .order_by("start_date", "id")
    )
    today = person.today(now)
    active: list[Prescription] = []
    ended: list[Prescription] = []
    for prescription in found:
        (ended if has_ended(prescription, today) else active).append(prescription)
    return active, ended[::-1]


def going_on(patient: Patient, *, now: datetime) -> QuerySet[Prescription]:
    """What is prescribed now, or from a later day on. The patient's clinic is joined."""
    rows = Prescription.objects.filter(patient=patient, ended_at__isnull=True)
    today = now.astimezone(ZoneInfo(patient.zone)).date()
    return rows.filter(Q(end_date__isnull=True) | Q(end_date__gte=today))


def not_started(patient: Patient, *, now: datetime) -> list[Prescription]:
    """What is to be taken at set times by now and came in from a file: no dose of it falls due until staff start the
    reminders. By id; the medicine is joined. One query.
    """
    today = now.astimezone(ZoneInfo(patient.zone)).date()
    rows = going_on(patient, now=now).filter(is_silent=True, start_date__lte=today)
    at_times = rows.exclude(schedules__rule__kind=AsNeededRule.kind)
    return list(at_times.select_related("medicine").order_by("id"))


def has_ended(prescription: Prescription, today: date) -> bool:
    return bool(prescription.ended_at or (prescription.end_date and prescription.end_date < today))


def history_of(prescription: Prescription, *, now: datetime) -> list[Dose]:
    """The doses of the last two weeks, planned or not, the latest first. One query."""
    doses = _past(prescription, now - HISTORY, now).select_related("answered_by", "prescription__medicine")
    return list(doses.exclude(state=Dose.State.WITHDRAWN).order_by("-due_at", "-id"))


def whole_history(prescription: Prescription, *, now: datetime) -> QuerySet[Dose]:
    """All doses up to now, and those that were answered before their time, the latest first, with all that was ever
    answered to them. A query, one for the answers and one for who gave them.
    """
    answers = DoseAnswer.objects.select_related("by").order_by("id")
    doses = Dose.objects.filter(
        Q(due_at__lte=now) | Q(answered_at__isnull=False), prescription=prescription
    ).select_related("answered_by", "prescription__medicine")
    return doses.prefetch_related(Prefetch("answers", answers)).order_by("-due_at", "-id")


def over_limit_since(prescription: Prescription, *, now: datetime) -> int:
    """How many doses of the last 30 days were taken as needed although it was too early or too much. One query."""
    recent = _past(prescription, now - OVER_LIMIT_SHOWN, now + timedelta(minutes=1))
    return recent.filter(over_limit=True, state=Dose.State.TAKEN).count()


def _past(prescription: Prescription, begins: datetime, ends: datetime) -> QuerySet[Dose]:
    return Dose.objects.filter(prescription=prescription, due_at__gte=begins, due_at__lt=ends)
