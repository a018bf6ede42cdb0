"""Reads: a person's prescriptions, and their latest doses."""

from datetime import date, datetime, timedelta

from medications.models import Dose, Prescription
from medications.selectors.people import Person

HISTORY = timedelta(days=14)


def prescriptions_of(person: Person, *, now: datetime) -> tuple[list[Prescription], list[Prescription]]:
    """The prescriptions that are active or start later, and those that have ended, latest first. Two queries."""
    found = (
        Prescription.objects.filter(patient_id=person.patient.pk)
        .select_related("medicine", "patient__clinic")
        .prefetch_related("schedules")
        .order_by("start_date", "id")
    )
    today = person.today(now)
    active: list[Prescription] = []
    ended: list[Prescription] = []
    for prescription in found:
        (ended if has_ended(prescription, today) else active).append(prescription)
    return active, ended[::-1]


def has_ended(prescription: Prescription, today: date) -> bool:
    return bool(prescription.ended_at or (prescription.end_date and prescription.end_date < today))


def history_of(prescription: Prescription, *, now: datetime) -> list[Dose]:
    """The doses of the last two weeks, the latest first. One query."""
    doses = Dose.objects.filter(prescription=prescription, due_at__gte=now - HISTORY, due_at__lt=now)
    return list(doses.select_related("answered_by").order_by("-due_at", "-id"))
