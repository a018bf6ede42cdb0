"""A manager brings in the shelf, vaccinations and medicines by the pages of imports."""

from typing import Any

import pytest
from django.test import Client

from home.models import AccessRecord
from medications.models import Dose, Prescription, StockBatch, VaccinationRecord
from notifications.models import NotificationPreferences
from tests.factories import PatientFactory
from tests.home.conftest import Cast
from tests.home.imports.conftest import work
from tests.home.imports.files import csv_file
from tests.medications.factories import MedicineFactory, VaccineFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client: Client, cast: Cast) -> Client:
    client.force_login(cast.manager)
    return client


def brought(manager: Client, cast: Cast, kind: str, file: Any) -> str:
    """Uploaded, tried with the columns as they were found, and carried out; its page."""
    page = manager.post("/admin/imports/new/", {"kind": kind, "clinic": cast.clinic.pk, "file": file})[
        "Location"
    ]
    form = manager.get(page).context["form"]
    matched = {field.name: field.value() for field in form if field.value() is not None}
    assert manager.post(page, matched).status_code == 302
    work()
    assert manager.post(f"{page}run/").status_code == 302
    work()
    return page


def shown(manager: Client, page: str) -> str:
    return manager.get(page).content.decode()


@pytest.mark.parametrize(
    ("language", "start", "held"),
    [
        ("en", "Start warnings about 1 batch", "Nobody is told yet when this stock runs out or expires."),
        ("af", "Begin waarskuwings oor 1 pakkie", "Niemand hoor nog wanneer hierdie voorraad opraak"),
    ],
)
def test_the_shelf_is_brought_in_and_its_warnings_are_started(
    manager: Client, cast: Cast, language: str, start: str, held: str
) -> None:
    NotificationPreferences.objects.update_or_create(user=cast.manager, defaults={"language": language})
    MedicineFactory()
    rows = [("Metformin 500 mg", "28", "31/03/2027"), ("Nothing of ours", "28", "31/03/2027")]
    page = brought(
        manager, cast, "shelf", csv_file(rows, headings=("Medicine", "Qty", "Expiry"), name="shelf.csv")
    )
    text = shown(manager, page)
    assert start in text
    assert held in text
    manager.post(f"{page}start/")
    work()
    assert not StockBatch.objects.get().is_silent
    assert start not in shown(manager, page)


def test_vaccinations_are_brought_in_and_undone(manager: Client, cast: Cast) -> None:
    lerato = PatientFactory(clinic=cast.clinic, first_name="Lerato", folder_number="HIL-1")
    VaccineFactory(code="mr")
    rows = [("HIL-1", "measles", "1", "04/03/2026")]
    page = brought(
        manager,
        cast,
        "vaccinations",
        csv_file(rows, headings=("Folder", "Vaccine", "Dose", "Date given"), name="doses.csv"),
    )
    text = shown(manager, page)
    assert "Lerato" in text
    assert f"{page}start/" not in text
    assert AccessRecord.objects.filter(patient=lerato, user=cast.manager).exists()
    manager.post(f"{page}undo/")
    work()
    assert not VaccinationRecord.objects.exists()


@pytest.mark.parametrize(
    ("language", "start", "held"),
    [
        ("en", "Start reminders of 1 medicine", "Nobody is reminded of these medicines yet"),
        ("af", "Begin herinneringe aan 1 medisyne", "Niemand word nog aan hierdie medisyne herinner nie"),
    ],
)
def test_medicines_are_brought_in_and_their_reminders_are_started(
    manager: Client, cast: Cast, language: str, start: str, held: str
) -> None:
    NotificationPreferences.objects.update_or_create(user=cast.manager, defaults={"language": language})
    lerato = PatientFactory(clinic=cast.clinic, first_name="Lerato", folder_number="HIL-1")
    MedicineFactory()
    rows = [
        ("HIL-1", "Metformin 500 mg", "1", "08:00", "12/03/2026"),
        ("HIL-1", "Nothing of ours", "1", "08:00", "12/03/2026"),
    ]
    headings = ("Folder", "Medicine", "Dose", "Times", "Start")
    page = brought(manager, cast, "prescriptions", csv_file(rows, headings=headings, name="medicines.csv"))
    text = shown(manager, page)
    assert start in text
    assert held in text
    assert AccessRecord.objects.filter(patient=lerato, user=cast.manager).exists()
    assert not Dose.objects.exists()
    manager.post(f"{page}start/")
    work()
    assert not Prescription.objects.get().is_silent
    assert Dose.objects.filter(patient=lerato).exists()
    assert start not in shown(manager, page)
