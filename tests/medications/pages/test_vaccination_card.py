"""The card of a person's vaccinations, for paper."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from medications.models import Vaccine
from tests.medications.factories import VaccinationRecordFactory, VaccineFactory
from tests.medications.pages.conftest import Family


@pytest.fixture
def six(db: None) -> Vaccine:
    return VaccineFactory(code="hexavalent", name_en="Hexavalent", name_af="Heksavalent")


def card(reader: Client, patient_id: int, language: str = "en") -> str:
    response = reader.get(f"/{language}/vaccinations/{patient_id}/card/")
    assert response.status_code == 200
    return response.content.decode()


def rows(text: str) -> list[list[str]]:
    """The cells of each line of the card, in words."""
    lines = re.findall(r"<tr>(.*?)</tr>", text.split("</thead>")[1], re.DOTALL)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line) for line in lines]


def test_it_says_what_was_given_what_is_due_and_what_is_no_longer_given(
    reader: Client, family: Family, six: Vaccine
) -> None:
    for number, day in ((1, date(2026, 7, 13)), (2, date(2026, 7, 20))):
        VaccinationRecordFactory(patient=family.lwazi, vaccine=six, dose_number=number, date_given=day)
    text = card(reader, family.lwazi.pk)
    assert "Lwazi Nkosi" in text
    assert "Born on 20 September 2025" in text
    assert "Printed on 24 November 2026" in text
    found = rows(text)
    assert ["Hexavalent", "dose 1", "13 July 2026", "", ""] in found
    assert ["dose 2", "20 July 2026", "", "too early: doesn’t count"] in found
    assert ["dose 2", "", "17 August 2026", "overdue"] in found
    assert ["RV", "dose 1", "", "", "no longer given at this age"] in found
    assert [line[0] for line in found if len(line) == 5] == [
        "BCG",
        "OPV",
        "RV",
        "PCV",
        "Hexavalent",
        "MR",
        "TD",
    ]
    assert text.count("<tr>") < 40  # one sheet of paper


def test_it_has_no_navigation_and_its_own_style(reader: Client, family: Family) -> None:
    text = card(reader, family.lwazi.pk)
    assert "<nav" not in text
    assert "vaccination-card" in text
    assert f"/en/vaccinations/#patient-{family.lwazi.pk}" in text


def test_it_is_in_both_languages(reader: Client, family: Family, six: Vaccine) -> None:
    VaccinationRecordFactory(patient=family.lwazi, vaccine=six, date_given=date(2026, 7, 13))
    text = card(reader, family.lwazi.pk, "af")
    assert '<html lang="af">' in text
    assert "Heksavalent" in text
    assert "13 Julie 2026" in text
    assert f'href="/en/vaccinations/{family.lwazi.pk}/card/" lang="en"' in text
    assert f'href="/af/vaccinations/{family.lwazi.pk}/card/" lang="af"' in card(reader, family.lwazi.pk)


def test_a_grown_up_without_records_has_an_empty_one(reader: Client, family: Family) -> None:
    assert "No vaccinations on record" in card(reader, family.sipho.pk)


def test_somebody_elses_is_not_there(reader: Client, family: Family) -> None:
    VaccinationRecordFactory(patient=family.stranger, date_given=date(2026, 1, 1))
    for method in ("get", "post", "head"):
        response = getattr(reader, method)(f"/en/vaccinations/{family.stranger.pk}/card/")
        assert response.status_code in (404, 405)


def test_the_page_links_to_it(reader: Client, family: Family) -> None:
    text = reader.get("/en/vaccinations/").content.decode()
    assert f'href="/en/vaccinations/{family.lwazi.pk}/card/"' in text


def test_its_queries_do_not_grow(reader: Client, family: Family, six: Vaccine) -> None:
    counts = []
    for number in (1, 2, 3, 4):
        VaccinationRecordFactory(
            patient=family.lwazi, vaccine=six, dose_number=number, date_given=date(2026, 1 + number, 1)
        )
        with CaptureQueriesContext(connection) as queries:
            card(reader, family.lwazi.pk)
        counts.append(len(queries))
    assert len(set(counts)) == 1
