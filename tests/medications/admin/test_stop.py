"""A nurse stops a medicine: what ends with it is shown first, and why is kept."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from home.models import User
from medications.models import Dose, DoseSchedule, Prescription
from medications.services.expansion import expand_doses
from tests.factories import PatientFactory, StaffRoleFactory
from tests.medications.factories import NOW, TODAY, DoseFactory, DoseScheduleFactory, StockBatchFactory, times

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _eight_in_the_morning() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def nurse(client: Client) -> User:
    nurse = StaffRoleFactory().user
    client.force_login(nurse)
    return nurse


@pytest.fixture
def schedule(nurse: User) -> DoseSchedule:
    patient = PatientFactory(clinic=nurse.staff_roles.get().clinic)
    schedule: DoseSchedule = DoseScheduleFactory(prescription__patient=patient, rule=times("20:00"))
    expand_doses(now=NOW)
    return schedule


def address(schedule: DoseSchedule) -> str:
    return f"/admin/prescriptions/{schedule.prescription_id}/stop/"


def filled(**more: Any) -> dict[str, Any]:
    return {"reason": "side_effect", "words": "", "last_day": f"{TODAY}", "shown": f"{TODAY}", **more}


def test_what_ends_is_shown_first(client: Client, schedule: DoseSchedule) -> None:
    StockBatchFactory(prescription=schedule.prescription, quantity=17)
    page = client.get(address(schedule)).content.decode()
    assert "15 doses that are planned end." in page
    assert "No more reminders of this medicine go out." in page
    assert "Left at home by our count: 17 tablets." in page
    assert "24" in page and Dose.objects.count() == 15


def test_it_is_stopped_with_who_when_and_why(client: Client, nurse: User, schedule: DoseSchedule) -> None:
    answer = client.post(address(schedule), filled(words="Dizzy since Monday"))
    prescription = Prescription.objects.get()
    assert answer["Location"] == f"/admin/patients/{prescription.patient_id}/"
    assert prescription.ended_at == NOW
    assert (prescription.stop_reason, prescription.stop_words) == ("side_effect", "Dizzy since Monday")
    assert prescription.stopped_by == nurse
    assert not Dose.objects.exists()
    assert "Stopped" in client.get(f"/admin/prescriptions/history/{prescription.pk}/").content.decode()


def test_after_a_day_that_is_over_open_doses_since_then_go_and_answered_ones_stay(
    client: Client, schedule: DoseSchedule
) -> None:
    for days, state in ((1, Dose.State.MISSED), (2, Dose.State.TAKEN), (4, Dose.State.MISSED)):
        DoseFactory(schedule=schedule, due_at=NOW - timedelta(days=days), state=state)
    monday = TODAY - timedelta(days=3)
    seen = client.post(address(schedule), filled(last_day="21 Nov 2026"))
    assert "16 doses that are planned end." in seen.content.decode()
    assert Prescription.objects.get().ended_at is None
    client.post(address(schedule), filled(last_day="21/11/2026", shown=f"{monday}"))
    assert set(Dose.objects.values_list("due_at", flat=True)) == {
        NOW - timedelta(days=2),
        NOW - timedelta(days=4),
    }
    ended_at = Prescription.objects.get().ended_at
    assert ended_at and ended_at.isoformat() == "2026-11-21T21:59:59+00:00"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"reason": ""}, "reason"),
        ({"reason": "boredom"}, "reason"),
        ({"reason": "other"}, "words"),
        ({"last_day": "31/10/2026", "shown": "2026-10-31"}, "last_day"),
        ({"last_day": "25/11/2026", "shown": "2026-11-25"}, "last_day"),
        ({"last_day": "25/11/2026"}, "last_day"),
        ({"last_day": "yesterday"}, "last_day"),
        ({"last_day": ""}, "last_day"),
    ],
)
def test_an_error_stands_beside_its_field_and_nothing_is_stopped(
    client: Client, schedule: DoseSchedule, change: dict[str, Any], field: str
) -> None:
    answer = client.post(address(schedule), filled(**change))
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [field]
    assert Prescription.objects.get().ended_at is None and Dose.objects.count() == 15


def test_one_that_has_not_begun_can_be_stopped_today(client: Client, schedule: DoseSchedule) -> None:
    Prescription.objects.update(start_date=TODAY + timedelta(days=7))
    assert client.post(address(schedule), filled(reason="changed")).status_code == 302
    assert Prescription.objects.get().ended_at == NOW


def test_one_that_is_stopped_stays_as_it_was(client: Client, schedule: DoseSchedule) -> None:
    client.post(address(schedule), filled())
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        assert "stopped already" in client.get(address(schedule)).content.decode()
        client.post(address(schedule), filled(reason="finished"))
    prescription = Prescription.objects.get()
    assert (prescription.ended_at, prescription.stop_reason) == (NOW, "side_effect")


def test_another_clinics_is_not_found(client: Client, nurse: User) -> None:
    other = DoseScheduleFactory()
    assert client.get(address(other)).status_code == 404
    assert client.post(address(other), filled()).status_code == 404
