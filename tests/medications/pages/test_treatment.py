"""A person's treatment as a file for a spreadsheet."""

import csv
from datetime import date
from io import StringIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from home.models import Patient
from medications.models import Dose
from tests.medications.factories import NOW, VaccinationRecordFactory, VaccineFactory
from tests.medications.pages.conftest import Family, MakeDose, hours


def lines(reader: Client, patient: Patient, language: str = "en") -> list[list[str]]:
    response = reader.get(f"/{language}/medicines/treatment/{patient.pk}/")
    assert response.status_code == 200
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    text = response.content.decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(StringIO(text.removeprefix("\ufeff"))))


def test_it_has_what_was_prescribed_every_past_dose_and_every_vaccination(
    reader: Client, family: Family, dose: MakeDose
) -> None:
    dose(due_at=NOW - hours(24), state=Dose.State.TAKEN, answered_at=NOW - hours(23))
    dose(due_at=NOW + hours(1), name="Later")
    flu = VaccineFactory(code="flu", name_en="Influenza", name_af="Griep")
    VaccinationRecordFactory(patient=family.me, vaccine=flu, date_given=date(2026, 5, 6))
    VaccinationRecordFactory(patient=family.me, vaccine=flu, dose_number=2, next_due_date=date(2027, 5, 6))
    found = lines(reader, family.me)
    assert found[0] == ["What", "When", "Name", "How much", "State", "Answered", "Note"]
    assert ["Prescription", "2026-11-01", "Metformin 500 mg", "", "", "", "with food"] in found
    taken = ["Dose", "2026-11-23 08:00", "Metformin 500 mg", "1 tablet", "taken", "2026-11-23 09:00", ""]
    assert [line for line in found if line[0] == "Dose"] == [taken]
    assert [line for line in found if line[0] == "Vaccination"] == [
        ["Vaccination", "2026-05-06", "Influenza", "dose 1", "given", "", ""]
    ]


def test_what_people_wrote_is_not_run(reader: Client, family: Family, dose: MakeDose) -> None:
    dose(state=Dose.State.SKIPPED, answered_at=NOW, skip_reason='=HYPERLINK("http://x")')
    [skipped] = [line for line in lines(reader, family.me) if line[0] == "Dose"]
    assert skipped[4] == "skipped"
    assert skipped[6] == '\'=HYPERLINK("http://x")'


def test_it_is_in_the_readers_language_and_on_the_patients_clock(
    reader: Client, family: Family, dose: MakeDose
) -> None:
    family.me.timezone = "Europe/London"
    family.me.save()
    dose(state=Dose.State.TAKEN)
    [taken] = [line for line in lines(reader, family.me, "af") if line[0] == "Dosis"]
    assert taken[1:3] == ["2026-11-24 06:00", "Metformin-af 500 mg"]


def test_its_name_says_whose_it_is_and_of_when(reader: Client, family: Family) -> None:
    family.me.first_name = 'A"; filename=x.exe\r\n'
    family.me.save()
    response = reader.get(f"/en/medicines/treatment/{family.me.pk}/")
    assert response["Content-Disposition"] == 'attachment; filename="treatment-a-filenamexexe-2026-11-24.csv"'


def test_a_dose_of_a_vaccine_that_does_not_count_says_so(reader: Client, family: Family) -> None:
    six = VaccineFactory(code="hexavalent", name_en="Hexavalent", name_af="Heksavalent")
    VaccinationRecordFactory(patient=family.lwazi, vaccine=six, date_given=date(2025, 9, 27))
    assert lines(reader, family.lwazi)[-1][-1] == "too early: doesn’t count"


def test_the_page_of_medicines_links_to_it(reader: Client, family: Family) -> None:
    text = reader.get("/en/medicines/", {"who": family.sipho.pk}).content.decode()
    assert f'href="/en/medicines/treatment/{family.sipho.pk}/"' in text
    assert "Download Sipho’s treatment as CSV" in text


def test_its_queries_do_not_grow(reader: Client, family: Family, dose: MakeDose) -> None:
    counts = []
    for number in (1, 20):
        for index in range(number):
            dose(due_at=NOW - hours(number + index + 1))
        with CaptureQueriesContext(connection) as queries:
            lines(reader, family.me)
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("method", ["get", "post"])
def test_somebody_elses_is_not_there(reader: Client, family: Family, method: str) -> None:
    response = getattr(reader, method)(f"/en/medicines/treatment/{family.stranger.pk}/")
    assert response.status_code == 404
