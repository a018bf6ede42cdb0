"""Lists hold patients, with and without an account; those who care for them are told."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import translation

from events.exceptions import EventRefusedError
from events.models import Attendance, ClinicEvent
from events.recipients import _with_name, joined_still_relevant
from events.services.attendance import attendance_withdraw, event_join, event_leave, patient_join
from events.services.changes.plan import attending
from events.services.event import event_cancel
from events.visit_formats import PatientValue
from home.models import CareRole, Patient, Relation
from notifications.models import Notification
from notifications.pipeline.fan_out import fan_out
from notifications.privacy import Person, sections
from tests.events.factories import NOW, ClinicEventFactory
from tests.factories import CareRoleFactory, PatientFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> ClinicEvent:
    return ClinicEventFactory(title_en="Diabetes club")


@pytest.fixture
def child(event: ClinicEvent) -> Patient:
    return PatientFactory(clinic=event.clinic, first_name="Amahle", last_name="Nkosi")


def put(event: ClinicEvent, patient: Patient) -> Attendance:
    return patient_join(event_id=event.pk, patient_id=patient.pk, now=NOW)


def titles(user: Any) -> list[str]:
    while fan_out(now=NOW).records:
        pass
    found = Notification.objects.filter(recipient=user).order_by("id").values_list("title", flat=True)
    return [title.replace("\u2068", "").replace("\u2069", "") for title in found]


def test_a_patient_without_an_account_has_a_place_once(event: ClinicEvent, child: Patient) -> None:
    first = put(event, child)
    assert put(event, child) == first
    assert (first.state, first.user, first.person) == ("joined", None, child)


def test_the_guardian_is_told_for_whom_and_no_more_without_consent(
    event: ClinicEvent, child: Patient
) -> None:
    guardian = CareRoleFactory(patient=child, relation=Relation.GUARDIAN).user
    sister = PatientFactory(clinic=event.clinic, first_name="Zola", last_name="Nkosi")
    CareRole.objects.create(patient=sister, user=guardian, relation=Relation.GUARDIAN)
    for each in (child, sister):
        put(event, each)
    assert titles(guardian) == [
        "You have a place: Diabetes club (Amahle Nkosi)",
        "You have a place: Diabetes club (Zola Nkosi)",
    ]
    [first, _second] = Notification.objects.order_by("id")
    assert first.subject_id == child.pk
    assert joined_still_relevant([first.data]) == [True]
    attendance_withdraw(attendance_id=Attendance.objects.get(patient=child).pk, event_id=event.pk, now=NOW)
    assert joined_still_relevant([first.data]) == [False]


def test_whose_birthday_is_said_is_said_in_each_language(event: ClinicEvent) -> None:
    """Two patients of one name: which of them is meant, in the title of either language."""
    born = date(2019, 3, 4)
    titles = _with_name(("Diabetes club", "Diabetesklub"), PatientValue("Amahle", born))
    with translation.override("af"):
        again = _with_name(("Diabetes club", "Diabetesklub"), PatientValue("Amahle", born))
    english, afrikaans = (each.replace("\u2068", "").replace("\u2069", "") for each in titles)
    assert (english, afrikaans) == (
        "Diabetes club (Amahle, born 4 March 2019)",
        "Diabetesklub (Amahle, gebore 4 Maart 2019)",
    )
    assert again == titles
    assert _with_name(("Diabetes club", ""), PatientValue("Amahle"))[1] == ""


def test_a_guardian_who_downloads_a_patients_data_reads_of_places_with_an_account(event: ClinicEvent) -> None:
    role = CareRoleFactory(patient__clinic=event.clinic)
    put(event, role.patient)
    event_join(event_id=event.pk, user=role.user, now=NOW)
    assert Attendance.objects.get().user == role.user

    def rows(user_id: int | None) -> list[Any]:
        person = Person(user_id, (role.patient_id,))
        [section] = [each for each in sections(person) if each.name == "patient_events"]
        return list(section.rows(person))

    for_carers, for_themselves = rows(None), rows(role.user_id)

    assert [row[0] for row in for_carers] == ["Diabetes club"]
    assert for_themselves == []  # it is in the table of their own
    Attendance.objects.update(user=None)
    assert len(rows(role.user_id)) == 1


def test_a_patient_with_an_account_is_one_line_whoever_put_them_there(event: ClinicEvent) -> None:
    role = CareRoleFactory(patient__clinic=event.clinic)
    carer = CareRoleFactory(patient=role.patient, relation=Relation.CARER).user
    put(event, role.patient)
    event_join(event_id=event.pk, user=role.user, now=NOW)
    [one] = Attendance.objects.all()
    assert (one.user, one.patient) == (role.user, role.patient)
    assert titles(role.user) == ["You have a place: Diabetes club"]
    assert titles(carer) == []
    event_leave(event_id=event.pk, user=role.user, now=NOW)
    one.refresh_from_db()
    assert one.state == "left"


def test_who_gets_an_account_later_stays_one_line(event: ClinicEvent, child: Patient) -> None:
    put(event, child)
    user = CareRoleFactory(patient=child).user
    event_join(event_id=event.pk, user=user, now=NOW)
    [one] = Attendance.objects.all()
    assert (one.user, one.patient) == (user, child)


def test_who_joins_alone_is_known_as_the_patient(event: ClinicEvent) -> None:
    role = CareRoleFactory(patient__clinic=event.clinic)
    assert event_join(event_id=event.pk, user=role.user, now=NOW).patient == role.patient
    assert event_join(event_id=event.pk, user=UserFactory(), now=NOW).patient is None


def test_places_and_the_waiting_list_count_them(event: ClinicEvent, child: Patient) -> None:
    ClinicEvent.objects.update(capacity=1)
    first, second = put(event, child), put(event, PatientFactory(clinic=event.clinic))
    assert (first.state, second.state) == ("joined", "waiting")
    attendance_withdraw(attendance_id=first.pk, event_id=event.pk, now=NOW)
    second.refresh_from_db()
    assert second.state == "joined"


def test_whoever_cares_is_told_of_a_cancellation(event: ClinicEvent, child: Patient) -> None:
    guardian = CareRoleFactory(patient=child, relation=Relation.GUARDIAN).user
    put(event, child)
    assert attending([event])[event.pk] == {"joined": [frozenset({guardian.pk})]}
    event_cancel(event_id=event.pk, now=NOW, reason="")
    assert "Cancelled: Diabetes club (Amahle Nkosi)" in titles(guardian)


@pytest.mark.parametrize("changes", [{"deceased_on": NOW.date()}, {"left_on": NOW.date()}])
def test_who_died_or_left_gets_no_place(event: ClinicEvent, child: Patient, changes: dict[str, Any]) -> None:
    Patient.objects.update(**changes)
    with pytest.raises(EventRefusedError):
        put(event, child)
    assert not Attendance.objects.exists()


def test_whoever_cares_gives_up_the_place_on_the_events_page(
    event: ClinicEvent, child: Patient, client: Client
) -> None:
    guardian = CareRoleFactory(patient=child, relation=Relation.GUARDIAN).user
    place = put(event, child)
    other = put(event, PatientFactory(clinic=event.clinic))
    with time_machine.travel(NOW, tick=False):
        client.force_login(guardian)
        page = client.get(f"/en/events/{event.pk}/").content.decode()
        assert "Amahle Nkosi" in page
        assert f'value="{other.pk}"' not in page
        assert client.post(f"/en/events/{event.pk}/leave/", {"place": other.pk}).status_code == 404
        assert client.post(f"/en/events/{event.pk}/leave/", {"place": place.pk}).status_code == 302
    place.refresh_from_db()
    assert place.state == "left"
