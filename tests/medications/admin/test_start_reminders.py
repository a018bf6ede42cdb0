"""Staff start the reminders of a prescription that came in from a file; until then patients see that it waits."""

from typing import Any

import pytest
import time_machine
from django.test import Client
from wagtail.models import ModelLogEntry

from home.models import User
from medications.models import Dose, DoseSchedule, Prescription
from medications.services.prescriptions import prescription_end
from notifications.models import EventRecord
from tests.factories import CareRoleFactory, PatientFactory, StaffRoleFactory
from tests.medications.factories import NOW, DoseScheduleFactory, speaks, times

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _eight_in_the_morning() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def nurse(client: Client) -> User:
    nurse: User = StaffRoleFactory().user
    client.force_login(nurse)
    return nurse


@pytest.fixture
def schedule(nurse: User) -> DoseSchedule:
    patient = PatientFactory(clinic=nurse.staff_roles.get().clinic)
    schedule: DoseSchedule = DoseScheduleFactory(
        prescription__patient=patient, prescription__is_silent=True, rule=times("07:00", "20:00")
    )
    return schedule


def address(schedule: DoseSchedule) -> str:
    return f"/admin/prescriptions/{schedule.prescription_id}/start/"


def shown(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def test_the_doses_of_the_next_days_are_shown_and_nothing_is_done(
    client: Client, schedule: DoseSchedule
) -> None:
    page = shown(client, address(schedule))
    assert "1 tablet at 20:00" in page
    assert "From the next dose on the patient" in page
    assert Prescription.objects.get().is_silent
    assert not Dose.objects.exists()


def test_it_is_started_from_the_next_dose_on_and_once(
    client: Client, nurse: User, schedule: DoseSchedule
) -> None:
    answer = client.post(address(schedule))
    prescription = Prescription.objects.get()
    assert answer["Location"] == f"/admin/patients/{prescription.patient_id}/"
    assert not prescription.is_silent
    assert Dose.objects.filter(next_reminder_at__isnull=False).earliest("due_at").due_at.hour == 18
    assert not EventRecord.objects.exists()
    assert ModelLogEntry.objects.get(action="medications.start").user == nurse
    doses = Dose.objects.count()
    assert "on already" in client.post(address(schedule)).content.decode()
    assert Dose.objects.count() == doses


def test_what_is_stopped_is_not_started(client: Client, schedule: DoseSchedule) -> None:
    prescription_end(prescription_id=schedule.prescription_id, now=NOW)
    assert "stopped already" in client.post(address(schedule)).content.decode()
    assert Prescription.objects.get().is_silent


def test_staff_see_that_it_waits(client: Client, schedule: DoseSchedule) -> None:
    assert "not started: nobody is reminded" in shown(client, "/admin/prescriptions/")
    for page in (
        f"/admin/prescriptions/edit/{schedule.prescription_id}/",
        f"/admin/patients/{schedule.prescription.patient_id}/",
    ):
        assert address(schedule) in shown(client, page)


def test_staff_of_another_clinic_find_nothing(client: Client, schedule: DoseSchedule) -> None:
    client.force_login(StaffRoleFactory().user)
    assert client.get(address(schedule)).status_code == 404
    assert client.post(address(schedule)).status_code == 404
    assert Prescription.objects.get().is_silent


@pytest.mark.parametrize(
    ("language", "said", "nothing"),
    [
        ("en", "Not on this page yet: Metformin 500 mg.", "Nothing to take today"),
        ("af", "Nog nie op hierdie bladsy nie: Metformien 500 mg.", "Niks om vandag te neem nie"),
    ],
)
def test_the_patient_isn_t_told_that_there_is_nothing_to_take(
    client: Client, schedule: DoseSchedule, language: str, said: str, nothing: str
) -> None:
    role = CareRoleFactory(patient=schedule.prescription.patient, relation="self")
    client.force_login(speaks(role.user, language))
    page = shown(client, f"/{language}/today/")
    assert said in page
    assert nothing not in page
    Prescription.objects.update(end_date="2026-11-20")
    assert nothing in shown(client, f"/{language}/today/")


def test_the_patients_list_says_so_too(client: Client, schedule: DoseSchedule) -> None:
    role = CareRoleFactory(patient=schedule.prescription.patient, relation="self")
    client.force_login(role.user)
    said = "Your clinic has not started reminders of it yet."
    assert said in shown(client, "/en/medicines/")
    Prescription.objects.update(is_silent=False)
    assert said not in shown(client, "/en/medicines/")
