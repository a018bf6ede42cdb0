"""Reads: the whole treatment of one person, for a file."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from medications.models import Dose, Prescription, VaccinationRecord
from medications.selectors.people import Person
from medications.selectors.vaccination import not_counted


@dataclass(frozen=True, slots=True)
class Treatment:
    """Prescriptions by start, past doses by due time, vaccinations that were given by date."""

    prescriptions: list[Prescription]
    doses: Iterator[Dose]
    vaccinations: list[VaccinationRecord]
    not_counted: set[int]
    """The ids of the vaccinations that were given too early."""


def treatment_of(person: Person, *, now: datetime) -> Treatment:
    """Everything up to now. Four queries, and the doses are read as they are written."""
    mine = person.patient.pk
    prescriptions = Prescription.objects.filter(patient_id=mine).select_related("medicine")
    doses = Dose.objects.filter(patient_id=mine, due_at__lte=now).select_related("prescription__medicine")
    given = VaccinationRecord.objects.filter(patient_id=mine, date_given__isnull=False)
    vaccinations = list(given.select_related("vaccine", "patient").order_by("date_given", "id"))
    return Treatment(
        prescriptions=list(prescriptions.order_by("start_date", "id")),
        doses=doses.order_by("due_at", "id").iterator(chunk_size=2000),
        vaccinations=vaccinations,
        not_counted=not_counted(vaccinations),
    )
