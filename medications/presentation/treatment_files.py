"""A patient's treatment as files to download."""

from datetime import datetime

from django.http import HttpResponse
from django.utils.text import slugify

from home.models import Patient
from medications.presentation.treatment_csv import treatment_csv
from medications.presentation.treatment_fhir import FHIR, treatment_fhir
from medications.selectors.treatment import Treatment, treatment_of
from notifications.web.csv_file import csv_download


def csv_file(patient: Patient, *, now: datetime) -> HttpResponse:
    """Join the patient's clinic, here and below. In the active language."""
    treatment = treatment_of(patient, now=now)
    return csv_download(treatment_csv(treatment), f"{_name(treatment)}.csv")


def fhir_file(patient: Patient, *, now: datetime) -> HttpResponse:
    treatment = treatment_of(patient, now=now)
    response = HttpResponse(treatment_fhir(treatment), content_type=FHIR)
    response["Content-Disposition"] = f'attachment; filename="{_name(treatment)}.json"'
    return response


def _name(treatment: Treatment) -> str:
    """As treatment-lwazi-nkosi-2026-11-24."""
    whose = slugify(treatment.patient.get_full_name())
    return "-".join(filter(None, ("treatment", whose, treatment.today.isoformat())))
