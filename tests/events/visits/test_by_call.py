"""Somebody is called because they missed a visit, says that they will come, and is expected, reminded, and missed."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from events.models import Visit
from events.visits.decide import visit_confirm
from events.visits.passing import pass_visits
from home.models import CareRole, FollowUp, Patient, User, WorklistEntry
from home.record.next_visits import visit_plan, visit_unplan
from home.worklist.calls import Call, call_log, call_undo
from home.worklist.entries import listed, reasons_of
from home.worklist.refresh import worklist_refresh
from notifications.pipeline.deliver import deliver
from notifications.pipeline.fan_out import fan_out
from tests.events.factories import VisitFactory
from tests.factories import CareRoleFactory, StaffRoleFactory, UserFactory

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 30, 8, tzinfo=UTC)  # ten in Johannesburg
THURSDAY = date(2026, 12, 3)
WILL_COME = FollowUp.Result.WILL_COME


@pytest.fixture(autouse=True)
def clock(settings: Any, tmp_path: Path) -> Iterator[Any]:
    cache.clear()
    settings.SMS_PROVIDERS = ["file"]
    settings.SMS_FILE_PATH = tmp_path
    with time_machine.travel(MONDAY, tick=False) as clock:
        yield clock


@pytest.fixture
def role() -> CareRole:
    user = UserFactory(email=None, phone="+27825550142", phone_verified_at=MONDAY)
    return CareRoleFactory(user=user)


@pytest.fixture
def patient(role: CareRole) -> Patient:
    return Patient.objects.select_related("clinic").get(pk=role.patient_id)


@pytest.fixture
def missed(patient: Patient) -> Visit:
    return VisitFactory(patient=patient, kind="check_up", day=date(2026, 11, 27), state="missed")


@pytest.fixture
def nurse(patient: Patient) -> User:
    return StaffRoleFactory(clinic=patient.clinic).user


def local(day: int, hour: int) -> datetime:
    return datetime(2026, 12, day, hour, tzinfo=UTC) - timedelta(hours=2)


def promise(patient: Patient, nurse: User, day: date = THURSDAY) -> FollowUp:
    call = Call(WILL_COME, until=day)
    return call_log(patient=patient, call=call, by=nurse, now=timezone.now(), plan=visit_plan)


def on_list(patient: Patient) -> list[str]:
    now = timezone.now()
    worklist_refresh([patient.clinic_id], now=now)
    assert list(listed([patient.clinic], now).patient_ids) in ([], [patient.pk])
    return [why.name for why in reasons_of(patient, now)]


def run() -> None:
    pass_visits(now=timezone.now())
    while fan_out(now=timezone.now()).records:
        pass
    while deliver("sms", now=timezone.now()).taken:
        pass


@pytest.mark.usefixtures("missed")
def test_from_the_call_to_the_reminder_to_the_next_call(
    patient: Patient, nurse: User, clock: Any, tmp_path: Path
) -> None:
    assert on_list(patient) == ["visit_missed"]

    row = promise(patient, nurse)

    visit = Visit.objects.get(pk=row.visit_id)
    assert (visit.day, visit.kind, visit.planned_by, visit.state) == (THURSDAY, "check_up", nurse, "planned")
    assert on_list(patient) == []
    clock.move_to(local(2, 9))
    run()
    [said] = [path.read_text() for path in tmp_path.glob("*.txt")]
    assert "A visit to the clinic is coming up: Thursday 3 December." in said
    clock.move_to(local(3, 23))
    assert on_list(patient) == []
    clock.move_to(local(4, 1))
    run()
    assert on_list(patient) == ["visit_missed"]


@pytest.mark.usefixtures("missed")
def test_a_slip_of_the_finger_takes_the_visit_back(patient: Patient, nurse: User) -> None:
    row = promise(patient, nurse)

    assert call_undo(follow_up_id=row.pk, by=nurse, now=timezone.now(), unplan=visit_unplan)

    assert not Visit.objects.filter(state="planned").exists()
    assert on_list(patient) == ["visit_missed"]


def test_what_the_patient_confirmed_is_not_taken_back(patient: Patient, nurse: User) -> None:
    row = promise(patient, nurse)
    visit_confirm(visit_id=row.visit_id or 0, now=timezone.now())

    call_undo(follow_up_id=row.pk, by=nurse, now=timezone.now(), unplan=visit_unplan)

    assert Visit.objects.get(pk=row.visit_id).state == "planned"


def test_a_visit_that_is_planned_on_that_day_is_the_one_that_is_meant(patient: Patient, nurse: User) -> None:
    there = VisitFactory(patient=patient, day=THURSDAY, kind="vaccination")
    later = VisitFactory(patient=patient, day=date(2026, 12, 21))

    row = promise(patient, nurse)
    call_undo(follow_up_id=row.pk, by=nurse, now=timezone.now(), unplan=visit_unplan)

    assert row.visit_id is None
    assert set(Visit.objects.filter(state="planned")) == {there, later}


@pytest.mark.parametrize(
    ("reasons", "kind"),
    [
        (["vaccination_overdue"], "vaccination"),
        (["vaccination_overdue", "ran_out"], "collection"),
        ([], "collection"),
    ],
)
def test_what_they_come_for(patient: Patient, nurse: User, reasons: list[str], kind: str) -> None:
    for reason in reasons:
        WorklistEntry.objects.create(
            patient=patient,
            clinic=patient.clinic,
            reason=reason,
            since=THURSDAY,
            found_at=MONDAY,
            pressing=10,
        )
    assert Visit.objects.get(pk=promise(patient, nurse).visit_id).kind == kind


def test_a_day_that_cannot_be_is_said_beside_it_and_nothing_is_logged(
    patient: Patient, nurse: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def on_no_day(*asked: Any) -> int | None:
        return visit_plan(patient, MONDAY.date() + timedelta(days=1000), nurse, MONDAY)

    monkeypatch.setattr("home.admin.worklist.visit_plan", on_no_day)
    client.force_login(nurse)

    answer = client.post(
        reverse("worklist:result", args=[patient.pk]), {"result": "will_come", "until": "3/12/2026"}
    )

    assert answer.context["form"].errors == {
        "until": ["This is more than 13 months ahead. Please check the year."]
    }
    assert not FollowUp.objects.exists()
    assert not Visit.objects.exists()


@pytest.mark.parametrize("act", ["moved", "died"])
def test_what_else_follows_is_a_page_that_is_there(
    patient: Patient, nurse: User, client: Client, act: str
) -> None:
    client.force_login(nurse)
    answer = client.post(reverse("worklist:result", args=[patient.pk]), {"result": act}, follow=True)
    assert (answer.status_code, answer.redirect_chain[-1][0]) == (
        200,
        reverse(f"patients:{act}", args=[patient.pk]),
    )


def test_lost_to_follow_up_is_offered_after_28_days(patient: Patient, nurse: User, client: Client) -> None:
    visit = VisitFactory(patient=patient, day=MONDAY.date() - timedelta(days=27), state="missed")
    client.force_login(nurse)
    lost = reverse("patients:lost", args=[patient.pk])
    assert on_list(patient) == ["visit_missed"]
    assert lost not in client.get(reverse("worklist:index")).content.decode()

    Visit.objects.filter(pk=visit.pk).update(day=MONDAY.date() - timedelta(days=28))
    assert on_list(patient) == ["visit_missed"]

    assert lost in client.get(reverse("worklist:index")).content.decode()
    assert client.get(lost).status_code == 200


@pytest.mark.usefixtures("missed")
def test_the_patients_page_says_why_they_are_on_the_list_and_what_came_of_the_call(
    patient: Patient, nurse: User, client: Client, clock: Any
) -> None:
    assert on_list(patient) == ["visit_missed"]
    client.force_login(nurse)
    record = reverse("patients:record", args=[patient.pk])
    said = "on the call list: Missed a visit 3 days ago"
    assert said in client.get(record).content.decode()

    clock.shift(timedelta(hours=1))
    promise(patient, nurse)

    clock.shift(timedelta(hours=1))
    page = client.get(record).content.decode()
    assert said not in page
    assert "called: will come, 3 December 2026" in page
