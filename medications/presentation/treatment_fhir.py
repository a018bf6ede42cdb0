"""A patient's treatment as a Bundle of FHIR R4 (https://hl7.org/fhir/R4/), for the system of another clinic.

Coded systems for medicines and vaccines are not kept here, so both are named in words. Resources refer to each other
by UUIDs, which stay the same from one file to the next.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.conf import settings

from medications.models import Medicine, Prescription, VaccinationRecord
from medications.presentation.fhir_timing import dosages, quantity
from medications.presentation.outcome_words import outcome_word
from medications.presentation.reasons import reason_words
from medications.presentation.schedule_words import how_and_when
from medications.rules.adherence import Outcome
from medications.selectors.adherence import Refill
from medications.selectors.treatment import Treatment, TreatmentDose
from notifications.languages.listed import active

Json = dict[str, Any]

FHIR = "application/fhir+json; charset=utf-8"

_STATUS = {
    Outcome.TAKEN: "completed",
    Outcome.PART: "completed",
    Outcome.SKIPPED: "not-done",
    Outcome.MISSED: "not-done",
    Outcome.UNANSWERED: "unknown",
}
"""Of a MedicationAdministration. Nobody knows whether what is unanswered was taken."""


def treatment_fhir(treatment: Treatment) -> str:
    """The Bundle as JSON, with the words in the active language."""
    return json.dumps(bundle(treatment), ensure_ascii=False)


def bundle(treatment: Treatment) -> Json:
    """Of Patient, MedicationRequest, MedicationAdministration, MedicationDispense and Immunization."""
    return {
        "resourceType": "Bundle",
        "language": active(),
        "type": "collection",
        "timestamp": _instant(treatment.made_at, treatment),
        "entry": [
            {"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource}
            for resource in _resources(treatment)
        ],
    }


def _resources(treatment: Treatment) -> Iterator[Json]:
    yield _patient(treatment)
    yield from (_request(each, treatment) for each in treatment.prescriptions)
    yield from (_administration(each, treatment) for each in treatment.doses)
    by_id = {each.pk: each for each in treatment.prescriptions}
    for refill in treatment.collected:
        yield _dispense(refill, by_id[refill.prescription_id], treatment)
    yield from (_immunization(each, treatment) for each in treatment.vaccinations)


def _patient(treatment: Treatment) -> Json:
    patient = treatment.patient
    return _filled(
        **_head("Patient", patient.pk),
        name=[{"family": patient.last_name, "given": [patient.first_name]}],
        birthDate=_day(patient.date_of_birth),
        deceasedDateTime=_day(patient.deceased_on),
        managingOrganization={"display": patient.clinic.name},
    )


def _request(prescription: Prescription, treatment: Treatment) -> Json:
    prescriber = prescription.prescriber
    lines = how_and_when(prescription, today=treatment.today)
    return _filled(
        **_head("MedicationRequest", prescription.pk),
        status=_request_status(prescription, treatment),
        intent="order",
        medicationCodeableConcept=_medicine(prescription.medicine),
        subject=_to("Patient", treatment.patient.pk),
        authoredOn=_instant(prescription.created_at, treatment),
        requester={"display": prescriber.get_full_name()}
        if prescriber and prescriber.get_full_name()
        else None,
        dosageInstruction=dosages(prescription, lines, today=treatment.today),
    )


def _request_status(prescription: Prescription, treatment: Treatment) -> str:
    if prescription.ended_at:
        return "stopped"
    is_over = prescription.end_date and prescription.end_date < treatment.today
    return "completed" if is_over else "active"


def _administration(dose: TreatmentDose, treatment: Treatment) -> Json:
    reason = reason_words(dose.skip_code, dose.skip_reason) or outcome_word(dose.outcome)
    return _filled(
        **_head("MedicationAdministration", dose.pk),
        status=_STATUS[dose.outcome],
        statusReason=[{"text": reason}] if _STATUS[dose.outcome] == "not-done" else None,
        medicationCodeableConcept=_medicine(dose.prescription.medicine),
        subject=_to("Patient", treatment.patient.pk),
        effectiveDateTime=_instant(dose.taken_at or dose.due_at, treatment),
        request=_to("MedicationRequest", dose.prescription.pk),
        dosage={"dose": quantity(dose.taken, dose.prescription.medicine)} if dose.taken else None,
    )


def _dispense(refill: Refill, prescription: Prescription, treatment: Treatment) -> Json:
    return _filled(
        **_head("MedicationDispense", refill.pk),
        status="completed",
        medicationCodeableConcept=_medicine(prescription.medicine),
        subject=_to("Patient", treatment.patient.pk),
        authorizingPrescription=[_to("MedicationRequest", prescription.pk)],
        quantity=quantity(refill.units, prescription.medicine),
        whenHandedOver=_instant(refill.at, treatment),
    )


def _immunization(record: VaccinationRecord, treatment: Treatment) -> Json:
    number = record.dose_number
    which: Json = {"doseNumberPositiveInt": number} if number else {"doseNumberString": "0"}
    return _filled(
        **_head("Immunization", record.pk),
        status="completed",
        vaccineCode={"text": record.vaccine.name},
        patient=_to("Patient", treatment.patient.pk),
        occurrenceDateTime=_day(record.date_given),
        lotNumber=record.batch_number,
        isSubpotent=True if record.pk in treatment.not_counted else None,
        protocolApplied=[which],
    )


def _head(kind: str, pk: int) -> Json:
    return {"resourceType": kind, "id": _uuid(kind, pk)}


def _to(kind: str, pk: int) -> Json:
    return {"reference": f"urn:uuid:{_uuid(kind, pk)}"}


def _uuid(kind: str, pk: int) -> str:
    """The same for a row in every file of this site, and another one on every other site."""
    return str(uuid5(NAMESPACE_URL, f"{settings.BASE_URL}/{kind}/{pk}"))


def _medicine(medicine: Medicine) -> Json:
    return {"text": str(medicine)}


def _filled(**values: Any) -> Json:
    """Without what is empty: FHIR has no empty values."""
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}


def _day(day: Any) -> str | None:
    return day.isoformat() if day else None


def _instant(moment: datetime, treatment: Treatment) -> str:
    return moment.astimezone(treatment.zone).isoformat(timespec="seconds")
