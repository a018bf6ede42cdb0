"""The calendar of a child and the records of others."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from home.models import CareRole
from medications.models import Vaccine
from tests.factories import PatientFactory
from tests.medications.factories import TODAY, VaccinationRecordFactory, VaccineFactory
from tests.medications.pages.conftest import Family


@pytest.fixture
def measles(db: None) -> Vaccine:
    return VaccineFactory(code="mr", name_en="Measles and rubella", name_af="Masels en rubella")


def page(reader: Client, language: str = "en") -> str:
    response = reader.get(f"/{language}/vaccinations/")
    assert response.status_code == 200
    return response.content.decode()


def card_of(text: str, heading: str) -> str:
    return text.split(heading)[1].split("</li>")[0]


def test_a_child_has_its_whole_calendar(reader: Client, family: Family, measles: Vaccine) -> None:
    VaccinationRecordFactory(patient=family.lwazi, vaccine=measles, date_given=date(2026, 3, 21))
    text = page(reader)
    assert "<bdi>Lwazi Nkosi</bdi>, 14 months" in text
    assert "given on 21 March" in card_of(text, "Measles and rubella, dose 1")
    overdue = card_of(text, "Measles and rubella, dose 2")
    assert "was due on 20 September" in overdue
    assert "Ask at your clinic" in overdue
    assert "no longer given at this age" in card_of(text, "dose at birth")
    assert "Sipho" not in text


def test_the_clinics_date_goes_before_the_calendars(reader: Client, family: Family, measles: Vaccine) -> None:
    VaccinationRecordFactory(
        patient=family.lwazi, vaccine=measles, dose_number=2, next_due_date=date(2026, 12, 1)
    )
    text = page(reader)
    assert "due on 1 December" in card_of(text, "Measles and rubella, dose 2")
    assert text.count("Measles and rubella, dose 2") == 1


def test_a_dose_of_today_is_due_and_not_overdue(reader: Client, family: Family, measles: Vaccine) -> None:
    VaccinationRecordFactory(patient=family.lwazi, vaccine=measles, dose_number=2, next_due_date=TODAY)
    card = card_of(page(reader), "Measles and rubella, dose 2")
    assert "due today" in card
    assert "Ask at" not in card


def test_adults_have_their_records_only(reader: Client, family: Family) -> None:
    flu = VaccineFactory(code="flu", name_en="Influenza", name_af="Griep")
    VaccinationRecordFactory(patient=family.sipho, vaccine=flu, date_given=date(2025, 5, 6))
    VaccinationRecordFactory(
        patient=family.sipho, vaccine=flu, dose_number=2, next_due_date=TODAY + timedelta(days=30)
    )
    text = page(reader)
    section = text.split("Sipho Nkosi")[1]
    assert "given on 6 May 2025" in section
    assert "due on 24 December" in section
    assert "BCG" not in section


def test_a_child_without_a_date_of_birth_has_records_only(
    reader: Client, family: Family, measles: Vaccine
) -> None:
    family.lwazi.date_of_birth = None
    family.lwazi.save()
    VaccinationRecordFactory(patient=family.lwazi, vaccine=measles, date_given=date(2026, 3, 21))
    text = page(reader)
    assert text.count("<h3>") == 1


def test_a_late_child_is_told_what_is_no_longer_given(reader: Client, family: Family) -> None:
    """Born 2023-11-20, nothing given: what was told to come for BCG, birth polio and rotavirus."""
    family.lwazi.date_of_birth = date(2023, 11, 20)
    family.lwazi.save()
    text = page(reader)
    for gone in ("BCG, dose 1", "OPV, dose at birth", "OPV, dose 1", "RV, dose 1", "RV, dose 2"):
        assert "no longer given at this age" in card_of(text, f"<h3>{gone}</h3>")
    assert "not needed at this age" in card_of(text, "<h3>PCV, dose 2</h3>")
    assert "was due on" in card_of(text, "<h3>HEXAVALENT, dose 1</h3>")
    assert text.count("was due on") == 3  # hexavalent, pneumococcal, measles


def test_the_clinics_date_for_what_is_no_longer_given_is_not_shown(reader: Client, family: Family) -> None:
    rota = VaccineFactory(code="rv", name_en="Rotavirus", name_af="Rotavirus")
    VaccinationRecordFactory(patient=family.lwazi, vaccine=rota, next_due_date=date(2026, 12, 1))
    card = card_of(page(reader), "<h3>Rotavirus, dose 1</h3>")
    assert "no longer given" in card
    assert "1 December" not in card


def test_a_dose_given_too_early_does_not_count_and_is_due_again(reader: Client, family: Family) -> None:
    six = VaccineFactory(code="hexavalent", name_en="Hexavalent", name_af="Heksavalent")
    for number, day in ((1, date(2026, 7, 13)), (2, date(2026, 7, 20))):
        VaccinationRecordFactory(patient=family.lwazi, vaccine=six, dose_number=number, date_given=day)
    text = page(reader)
    again, given = text.split("<h3>Hexavalent, dose 2</h3>")[1:]
    assert "was due on 17 August" in again.split("</li>")[0]
    assert "given on 20 July, which was too early: it doesn’t count" in given.split("</li>")[0]


@pytest.mark.parametrize(
    ("born", "said"),
    [
        (date(1984, 5, 2), "due today"),
        (date(2013, 11, 24), "due today"),
        (date(2013, 11, 25), "no longer given"),
    ],
)
def test_of_grown_ups_the_clinic_says(reader: Client, family: Family, born: date, said: str) -> None:
    family.me.date_of_birth = born
    family.me.save()
    pcv = VaccineFactory(code="pcv", name_en="Pneumococcal", name_af="Pneumokokke")
    VaccinationRecordFactory(patient=family.me, vaccine=pcv, next_due_date=TODAY)
    section = page(reader).split(f'id="patient-{family.me.pk}"')[1].split("</section>")[0]
    assert said in card_of(section, "<h3>Pneumococcal, dose 1</h3>")


def test_what_was_left_undone_in_childhood_is_no_longer_given(reader: Client, family: Family) -> None:
    six = VaccineFactory(code="hexavalent", name_en="Hexavalent", name_af="Heksavalent")
    VaccinationRecordFactory(patient=family.me, vaccine=six, next_due_date=date(1986, 1, 1))
    section = page(reader).split(f'id="patient-{family.me.pk}"')[1].split("</section>")[0]
    assert "no longer given at this age" in section
    assert "BCG" not in section


def test_what_was_given_in_time_may_be_entered_years_later(reader: Client, family: Family) -> None:
    rota = VaccineFactory(code="rv", name_en="Rotavirus", name_af="Rotavirus")
    VaccinationRecordFactory(patient=family.lwazi, vaccine=rota, date_given=date(2025, 11, 10))
    text = page(reader)
    assert "given on 10 November 2025" in card_of(text, "<h3>Rotavirus, dose 1</h3>")
    assert "no longer given" in card_of(text, "<h3>Rotavirus, dose 2</h3>")


def test_it_is_in_the_readers_language(reader: Client, measles: Vaccine) -> None:
    text = page(reader, "af")
    assert '<html lang="af">' in text
    assert "Masels en rubella" in text


def test_the_number_of_queries_does_not_grow(reader: Client, family: Family, measles: Vaccine) -> None:
    counts = []
    for number in (2, 20):
        for _ in range(number):
            child = PatientFactory(clinic=family.me.clinic, date_of_birth=date(2025, 9, 20))
            CareRole.objects.create(user=family.thandi, patient=child, relation="guardian")
            VaccinationRecordFactory(patient=child, vaccine=measles, date_given=date(2026, 3, 21))
        with CaptureQueriesContext(connection) as queries:
            page(reader)
        counts.append(len(queries))
    assert counts[0] == counts[1]
