"""Reads: all that is on record of a patient's treatment, for a file that they take with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from home.models import Patient
from medications.models import Prescription, VaccinationRecord
from medications.rules.adherence import Outcome
from medications.selectors.adherence import Refill, outcome_of, recorded, refills_of
from medications.selectors.vaccination import not_counted


@dataclass(frozen=True, kw_only=True, slots=True)
class TreatmentDose:
    """A dose that was due or was taken. `taken` is in units; `taken_at` is None where nothing was."""

    pk: int
    prescription: Prescription
    due_at: datetime
    outcome: Outcome
    planned: Decimal
    taken: Decimal
    taken_at: datetime | None
    skip_code: str
    skip_reason: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class Treatment:
    """Of one patient, oldest first in each list. `prescriptions` have their medicines joined and their schedules
    prefetched; `vaccinations` have their vaccines joined, and are those that were given;
    `not_counted` are the ids of those that came too early to count.
    """

    patient: Patient
    made_at: datetime
    prescriptions: Sequence[Prescription]
    doses: Sequence[TreatmentDose]
    collected: Sequence[Refill]
    vaccinations: Sequence[VaccinationRecord]
    not_counted: frozenset[int]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.patient.zone)

    @property
    def today(self) -> date:
        """The patient's local date."""
        return self.made_at.astimezone(self.zone).date()


def treatment_of(patient: Patient, *, now: datetime) -> Treatment:
    """The whole treatment up to now. The patient's clinic is joined. Six queries."""
    prescriptions = list(
        Prescription.objects.filter(patient=patient)
        .select_related("medicine", "prescriber")
        .prefetch_related("schedules")
        .order_by("start_date", "id")
    )
    for each in prescriptions:
        each.patient = patient
    collected = refills_of([each.pk for each in prescriptions])
    records = VaccinationRecord.objects.filter(patient=patient, date_given__isnull=False)
    given = list(records.select_related("vaccine").order_by("date_given", "id"))
    for record in given:
        record.patient = patient
    return Treatment(
        patient=patient,
        made_at=now,
        prescriptions=prescriptions,
        doses=_doses(patient, prescriptions, now),
        collected=collected,
        vaccinations=given,
        not_counted=frozenset(not_counted(given)),
    )


def _doses(patient: Patient, prescriptions: Sequence[Prescription], now: datetime) -> Sequence[TreatmentDose]:
    by_id = {each.pk: each for each in prescriptions}
    found = []
    for dose in recorded().filter(patient=patient).order_by("due_at", "id"):
        prescription = by_id.get(dose.prescription_id)
        outcome, taken = outcome_of(dose, now=now)
        if prescription is None or outcome == Outcome.AHEAD:
            continue
        found.append(
            TreatmentDose(
                pk=dose.pk,
                prescription=prescription,
                due_at=dose.due_at,
                outcome=outcome,
                planned=dose.quantity,
                taken=taken,
                taken_at=(dose.was_taken_at or dose.due_at) if taken else None,
                skip_code=dose.skip_code,
                skip_reason=dose.skip_reason,
                kind=str(dose.kind),
            )
        )
    return found
