"""Staff of one clinic reach no event, list or person of another one, at any address and with any verb."""

import pytest
from django.test import Client
from django.urls import reverse

from events.admin.events import EventViewSet
from events.models import Attendance, ClinicEvent
from events.wagtail_hooks import EventGroup
from tests.events.admin.conftest import Staff, patient_of
from tests.events.factories import NOW, AttendanceFactory, ClinicEventFactory
from tests.factories import UserFactory

[VIEWSET] = [viewset for viewset in EventGroup.items if isinstance(viewset, EventViewSet)]
WITH_KEY = [pattern for pattern in VIEWSET.get_urlpatterns() if "pk" in pattern.pattern.converters]


def addresses(event: ClinicEvent, attendance: Attendance) -> dict[str, str]:
    return {
        pattern.name: reverse(
            VIEWSET.get_url_name(pattern.name),
            args=[event.pk, attendance.pk] if "attendance_id" in pattern.pattern.converters else [event.pk],
        )
        for pattern in WITH_KEY
    }


@pytest.fixture
def own(staff: Staff) -> Attendance:
    event = ClinicEventFactory(clinic=staff.clinic, starts_at=NOW.replace(minute=30))
    return AttendanceFactory(event=event, user=patient_of(staff.clinic))


@pytest.fixture
def theirs(staff: Staff) -> Attendance:
    event = ClinicEventFactory(clinic=staff.other_clinic, starts_at=NOW.replace(minute=30))
    return AttendanceFactory(event=event, user=patient_of(staff.other_clinic, "Zanele"))


def test_every_kind_of_address_is_walked() -> None:
    assert {pattern.name for pattern in WITH_KEY} == {
        "edit",
        "history",
        "history_results",
        "usage",
        "cancel",
        "attendance",
        "export",
        "put_on_list",
        "mark",
        "withdraw",
    }


def test_another_clinics_event_is_not_found_on_any_verb(
    staff: Staff, own: Attendance, theirs: Attendance
) -> None:
    before = list(Attendance.objects.values()), list(ClinicEvent.objects.values())
    for name, address in addresses(theirs.event, theirs).items():
        for verb in ("get", "post", "put", "patch", "delete", "head", "options"):
            answer = getattr(staff.client, verb)(address)
            assert answer.status_code == 404, (name, verb)
    assert (list(Attendance.objects.values()), list(ClinicEvent.objects.values())) == before
    for name, address in addresses(own.event, own).items():
        expected = 405 if name in ("put_on_list", "mark", "withdraw") else 200
        assert staff.client.get(address).status_code == expected, name
    staff.client.force_login(UserFactory(is_superuser=True))
    assert staff.client.get(addresses(theirs.event, theirs)["attendance"]).status_code == 200


def test_another_clinics_person_is_not_marked_through_ones_own_event(
    staff: Staff, own: Attendance, theirs: Attendance
) -> None:
    for name in ("mark", "withdraw"):
        address = addresses(own.event, theirs)[name]
        assert staff.client.post(address, {"state": "attended"}).status_code == 404
    theirs.refresh_from_db()
    assert theirs.state == "joined"


def test_an_event_is_not_put_into_another_clinic(staff: Staff, own: Attendance) -> None:
    address = addresses(own.event, own)["edit"]
    form = staff.client.get(address).context["form"]
    data = {name: form[name].value() or "" for name in ("title_en", "title_af", "place")}
    data |= {"starts_at": "2026-11-24 10:00", "ends_at": "2026-11-24 12:00", "confirm": "1"}
    staff.client.post(address, data | {"clinic": staff.other_clinic.pk})
    own.event.refresh_from_db()
    assert own.event.clinic == staff.clinic
    assert own.event.starts_at.day == 24


def test_patients_and_visitors_find_the_way_to_sign_in(staff: Staff, own: Attendance) -> None:
    visitor, patient = Client(), Client()
    patient.force_login(own.user)
    for client in (visitor, patient):
        for name, address in addresses(own.event, own).items():
            for answer in (client.get(address), client.post(address, {"state": "attended"})):
                assert answer["Location"].startswith("/en/accounts/login/"), name
    own.refresh_from_db()
    assert own.state == "joined"
