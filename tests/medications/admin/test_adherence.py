"""A patient's months as staff of their clinic see them, and the treatment that they download."""

from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.users.models import UserProfile

from home.models import User
from medications.models import Dose, Prescription
from tests.factories import PatientFactory, StaffRoleFactory, UserFactory
from tests.medications.factories import (
    NOW,
    TODAY,
    DoseFactory,
    DoseScheduleFactory,
    PrescriptionFactory,
    StockBatchFactory,
)

pytestmark = pytest.mark.django_db

PAGES = ["adherence", "treatment/csv", "treatment/fhir"]


@pytest.fixture(autouse=True)
def _eight_in_the_morning() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def nurse(client: Client) -> User:
    """Signed in."""
    user = StaffRoleFactory(clinic__name="Delft").user
    client.force_login(user)
    return user


@pytest.fixture
def prescription(nurse: User) -> Prescription:
    patient = PatientFactory(clinic=nurse.staff_roles.get().clinic, first_name="Sipho", last_name="Nkosi")
    prescription = PrescriptionFactory(patient=patient)
    schedule = DoseScheduleFactory(prescription=prescription, expanded_until=TODAY)
    DoseFactory(schedule=schedule, state=Dose.State.MISSED)
    StockBatchFactory(prescription=prescription)
    return prescription


def address(patient_id: int, page: str = "adherence") -> str:
    return f"/admin/patients/{patient_id}/{page}/"


def test_a_nurse_sees_the_month_with_its_plots_and_tables(client: Client, prescription: Prescription) -> None:
    text = client.get(address(prescription.patient_id)).content.decode()
    assert "Sipho Nkosi" in text
    assert '<svg class="heat"' in text and 'href="#mark-missed"' in text
    assert '<svg class="plot"' in text
    assert "1 missed" in text
    assert f"/admin/prescriptions/edit/{prescription.pk}/" in text
    assert address(prescription.patient_id, "treatment/csv") in text
    assert address(prescription.patient_id, "treatment/fhir") in text
    assert client.get(address(prescription.patient_id), {"month": "2026-10"}).status_code == 404


def test_it_is_in_the_nurses_language(client: Client, nurse: User, prescription: Prescription) -> None:
    profile = UserProfile.get_for_user(nurse)
    profile.preferred_language = "af"
    profile.save()
    text = client.get(address(prescription.patient_id)).content.decode()
    assert "1 gemis" in text
    assert "Metformien" in text


def test_the_prescription_leads_there(client: Client, prescription: Prescription) -> None:
    text = client.get(f"/admin/prescriptions/edit/{prescription.pk}/").content.decode()
    assert f'href="{address(prescription.patient_id)}#medicine-{prescription.pk}"' in text
    assert client.get("/admin/prescriptions/new/").status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_another_clinics_patient_is_not_found_on_any_verb(
    client: Client, prescription: Prescription, page: str
) -> None:
    foreign = address(PrescriptionFactory().patient_id, page)
    for verb in (client.get, client.post, client.put, client.delete, client.head):
        assert verb(foreign).status_code == 404
    assert client.get(address(10**6, page)).status_code == 404
    client.force_login(UserFactory(is_superuser=True))
    assert client.get(foreign).status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_who_is_no_staff_is_kept_out(client: Client, prescription: Prescription, page: str) -> None:
    client.force_login(UserFactory())
    assert client.get(address(prescription.patient_id, page)).status_code in (302, 403)
    client.logout()
    answer = client.get(address(prescription.patient_id, page))
    assert answer.status_code == 302 and "login" in answer["Location"]


@pytest.mark.parametrize("page", PAGES)
def test_the_pages_are_only_read(client: Client, prescription: Prescription, page: str) -> None:
    assert client.post(address(prescription.patient_id, page)).status_code == 405


def test_a_file_of_another_kind_is_not_there(client: Client, prescription: Prescription) -> None:
    assert client.get(address(prescription.patient_id, "treatment/pdf")).status_code == 404


@pytest.mark.parametrize(("kind", "ending"), [("csv", "csv"), ("fhir", "json")])
def test_a_download_is_in_the_history_of_the_patient(
    client: Client, prescription: Prescription, kind: str, ending: str
) -> None:
    patient = prescription.patient
    answer = client.get(address(patient.pk, f"treatment/{kind}"))
    assert (
        answer["Content-Disposition"] == f'attachment; filename="treatment-sipho-nkosi-2026-11-24.{ending}"'
    )
    history = client.get(f"/admin/patients/history/{patient.pk}/").content.decode()
    assert "Treatment downloaded" in history


def test_the_months_of_the_deceased_stay_readable(client: Client, prescription: Prescription) -> None:
    patient = prescription.patient
    patient.deceased_on = "2026-11-20"
    patient.save()
    assert client.get(address(patient.pk)).status_code == 200


def test_queries_are_as_many_for_one_medicine_as_for_many(client: Client, prescription: Prescription) -> None:
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            client.get(address(prescription.patient_id))
        counts.append(len(queries))
        for _ in range(3):
            other = PrescriptionFactory(patient=prescription.patient)
            DoseFactory(schedule=DoseScheduleFactory(prescription=other), state=Dose.State.TAKEN)
            StockBatchFactory(prescription=other)
    assert counts[0] >= counts[1]
