"""The treatment as a file, for each patient whom the reader cares for."""

import csv
import json
from datetime import timedelta
from io import StringIO

import pytest
from django.test import Client
from fhir.resources.R4B.bundle import Bundle

from medications.models import Dose
from tests.medications.factories import NOW, VaccinationRecordFactory
from tests.medications.pages.conftest import Family, MakeDose


@pytest.mark.parametrize(("language", "state"), [("en", "skipped"), ("af", "oorgeslaan")])
def test_a_table_is_in_the_language_of_the_page(
    reader: Client, family: Family, dose: MakeDose, language: str, state: str
) -> None:
    dose(state=Dose.State.SKIPPED)
    answer = reader.get(f"/{language}/treatment/{family.me.pk}/csv/")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="treatment-thandi-nkosi-2026-11-24.csv"'
    assert "no-store" in answer["Cache-Control"]
    rows = list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[2][8] == state


def test_a_guardian_takes_the_bundle_of_a_child(reader: Client, family: Family, dose: MakeDose) -> None:
    dose(patient=family.lwazi, state=Dose.State.TAKEN)
    VaccinationRecordFactory(patient=family.lwazi, date_given=(NOW - timedelta(days=30)).date())
    dose(patient=family.sipho)
    answer = reader.get(f"/en/treatment/{family.lwazi.pk}/fhir/")
    assert answer["Content-Type"] == "application/fhir+json; charset=utf-8"
    assert Bundle.model_validate_json(answer.content).type == "collection"
    kinds = [entry["resource"]["resourceType"] for entry in json.loads(answer.content)["entry"]]
    assert kinds == ["Patient", "MedicationRequest", "MedicationAdministration", "Immunization"]


@pytest.mark.parametrize("kind", ["csv", "fhir"])
def test_nobody_elses_is_found_nor_that_of_the_deceased(reader: Client, family: Family, kind: str) -> None:
    assert reader.get(f"/en/treatment/{family.sipho.pk}/{kind}/").status_code == 200
    family.sipho.deceased_on = "2026-11-20"
    family.sipho.save()
    for patient_id in (family.sipho.pk, family.stranger.pk, 10**9):
        assert reader.get(f"/en/treatment/{patient_id}/{kind}/").status_code == 404


@pytest.mark.parametrize("kind", ["csv", "fhir"])
def test_it_is_only_read(reader: Client, family: Family, kind: str) -> None:
    assert reader.post(f"/en/treatment/{family.me.pk}/{kind}/").status_code == 405
