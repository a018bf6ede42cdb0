"""The attendance list at the door: the waiting list, marking, withdrawing, adding and printing."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.models import Attendance, ClinicEvent
from events.services.event import event_cancel
from home.models import Clinic, User
from tests.events.admin.conftest import Staff, patient_of
from tests.events.factories import NOW, AttendanceFactory, ClinicEventFactory
from tests.factories import UserFactory

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def event(staff: Staff) -> ClinicEvent:
    """In half an hour, with two places: Anna and Ben have them, Carl and Dora wait, Eve withdrew."""
    event = ClinicEventFactory(clinic=staff.clinic, capacity=2, starts_at=NOW + HOUR / 2)
    for number, (name, state) in enumerate(
        (("Anna", "joined"), ("Carl", "waiting"), ("Ben", "joined"), ("Dora", "waiting"), ("Eve", "left"))
    ):
        AttendanceFactory(
            event=event, state=state, user__first_name=name, asked_at=NOW - HOUR + number * MINUTE
        )
    return event


def of(event: ClinicEvent, name: str) -> Attendance:
    found: Attendance = event.attendances.get(user__first_name=name)
    return found


def address(event: ClinicEvent, rest: str = "") -> str:
    return f"/admin/clinic_events/{event.pk}/attendance/{rest}"


def mark(staff: Staff, event: ClinicEvent, name: str, state: str) -> Any:
    return staff.client.post(address(event, f"{of(event, name).pk}/mark/"), {"state": state})


def page(staff: Staff, event: ClinicEvent) -> str:
    content: str = staff.client.get(address(event)).content.decode()
    return content


def test_it_lists_people_with_a_place_and_then_the_waiting_list_in_order(
    staff: Staff, event: ClinicEvent
) -> None:
    context = staff.client.get(address(event)).context
    assert [(line.number, line.name) for line in context["with_place"]] == [
        (1, "Anna Nkosi"),
        (2, "Ben Nkosi"),
    ]
    assert [(line.number, line.name) for line in context["waiting"]] == [(1, "Carl Nkosi"), (2, "Dora Nkosi")]
    assert context["with_place"][0].asked == "Mon 23 Nov, 07:00"
    assert context["counts"] == ["2 of 2 places taken", "2 waiting"]


def test_a_person_is_shown_with_one_address_to_reach_them(staff: Staff, event: ClinicEvent) -> None:
    both = UserFactory(first_name="Phoebe", email="phoebe@example.org", phone="0821234567")
    AttendanceFactory(event=event, user=both)
    shown = page(staff, event)
    assert "082 123 4567" in shown
    assert "phoebe@example.org" not in shown
    assert of(event, "Anna").user.email in shown


def test_attendance_is_marked_and_the_page_returns_to_that_line(staff: Staff, event: ClinicEvent) -> None:
    answer = mark(staff, event, "Anna", "attended")
    assert answer["Location"] == f"{address(event)}#person-{of(event, 'Anna').pk}"
    mark(staff, event, "Ben", "no_show")
    assert (of(event, "Anna").state, of(event, "Ben").state) == ("attended", "no_show")
    context = staff.client.get(address(event)).context
    assert context["counts"] == ["2 of 2 places taken", "2 waiting", "1 attended", "1 did not come"]
    assert [line.name for line in context["with_place"]] == ["Anna Nkosi", "Ben Nkosi"]


def test_a_mark_is_taken_back(staff: Staff, event: ClinicEvent) -> None:
    mark(staff, event, "Anna", "attended")
    assert 'value="joined"' in page(staff, event)
    mark(staff, event, "Anna", "joined")
    assert of(event, "Anna").state == "joined"
    assert 'value="joined"' not in page(staff, event)


@pytest.mark.parametrize(
    ("name", "state"), [("Carl", "attended"), ("Eve", "attended"), ("Anna", "waiting"), ("Anna", "")]
)
def test_a_refused_mark_is_explained_and_changes_nothing(
    staff: Staff, event: ClinicEvent, name: str, state: str
) -> None:
    before = of(event, name).state
    mark(staff, event, name, state)
    assert of(event, name).state == before
    said = page(staff, event)
    assert "This person has no place at the event." in said or "The state must be" in said


def test_before_the_door_opens_it_says_since_when(staff: Staff) -> None:
    event = ClinicEventFactory(clinic=staff.clinic, starts_at=NOW + HOUR + MINUTE)
    AttendanceFactory(event=event, user__first_name="Anna")
    shown = page(staff, event)
    assert "You can mark who is there from an hour before the start: Mon 23 Nov, 08:01." in shown
    assert "Did not come" not in shown
    mark(staff, event, "Anna", "attended")
    assert of(event, "Anna").state == "joined"
    assert "It is too early" in page(staff, event)
    with time_machine.travel(NOW + MINUTE, tick=False):
        assert "Did not come" in page(staff, event)


def test_of_a_cancelled_event_nobody_is_marked_withdrawn_or_added(staff: Staff, event: ClinicEvent) -> None:
    event_cancel(event_id=event.pk, now=NOW, reason="Rain.")
    shown = page(staff, event)
    assert "This event was cancelled. Reason: Rain." in shown
    for words in ("Was there", "Take off the list", "Put on the list"):
        assert words not in shown
    mark(staff, event, "Anna", "attended")
    staff.client.post(address(event, f"{of(event, 'Ben').pk}/withdraw/"))
    zoe = patient_of(staff.clinic, "Zoe")
    staff.client.post(address(event, "add/"), {"user": zoe.email})
    assert (of(event, "Anna").state, of(event, "Ben").state) == ("joined", "joined")
    assert not event.attendances.filter(user=zoe).exists()


def test_after_the_end_people_are_still_marked_but_none_withdrawn(staff: Staff, event: ClinicEvent) -> None:
    with time_machine.travel(event.ends_at + HOUR, tick=False):
        staff.client.force_login(staff.nurse)
        shown = page(staff, event)
        assert "Was there" in shown
        assert "Take off the list" not in shown
        mark(staff, event, "Anna", "attended")
    assert of(event, "Anna").state == "attended"


def test_a_withdrawal_gives_the_place_to_the_first_on_the_waiting_list(
    staff: Staff, event: ClinicEvent
) -> None:
    Clinic.objects.update(move_up_minutes=10)
    answer = staff.client.post(address(event, f"{of(event, 'Anna').pk}/withdraw/"), follow=True)
    assert b"Anna Nkosi was taken off the list." in answer.content
    assert [of(event, name).state for name in ("Anna", "Ben", "Carl", "Dora")] == [
        "left",
        "joined",
        "joined",
        "waiting",
    ]


def test_near_the_start_a_place_that_becomes_free_is_for_who_is_there(
    staff: Staff, event: ClinicEvent
) -> None:
    staff.client.post(address(event, f"{of(event, 'Anna').pk}/withdraw/"))
    assert of(event, "Carl").state == "waiting"
    page = staff.client.get(address(event)).content.decode()
    assert "It is too near the start for people to move up by themselves." in page
    assert b"Dora Nkosi: joined." in put(staff, event, of(event, "Dora").user.email).content
    assert b"Carl Nkosi: on the waiting list." in put(staff, event, of(event, "Carl").user.email).content


def put(staff: Staff, event: ClinicEvent, address_of_person: Any) -> Any:
    return staff.client.post(address(event, "add/"), {"user": address_of_person}, follow=True)


def test_a_person_who_comes_without_having_joined_is_added(staff: Staff) -> None:
    event = ClinicEventFactory(clinic=staff.clinic, capacity=1)
    first, second = patient_of(staff.clinic, "Zoe"), patient_of(staff.clinic, "Yan")
    assert b"Zoe Nkosi: joined." in put(staff, event, first.email.upper()).content
    assert b"Yan Nkosi: on the waiting list." in put(staff, event, second.email).content
    assert (of(event, "Zoe").state, of(event, "Yan").state) == ("joined", "waiting")


def test_somebody_of_another_clinic_is_as_unknown_as_nobody(staff: Staff) -> None:
    event = ClinicEventFactory(clinic=staff.clinic)
    stranger = patient_of(staff.other_clinic, "Zanele")
    said = "Nobody at this clinic signs in with this e-mail address or phone number."
    for written in (stranger.email, "nobody@example.org", "082 000 0000"):
        answer = put(staff, event, written)
        assert answer.context["add_form"].errors == {"user": [said]}
        assert b"Zanele" not in answer.content
    assert not event.attendances.exists()


def test_the_printed_sheet_has_names_and_room_for_signatures_and_no_address(
    staff: Staff, event: ClinicEvent
) -> None:
    answer = staff.client.get(f"{address(event)}?print=1")
    sheet = answer.content.decode()
    for words in (
        "Outreach day",
        "Mon 23 Nov, 08:30 to 10:30",
        "Hall, Hillbrow",
        "Signature",
        "Waiting list",
    ):
        assert words in sheet
    assert sheet.index("Anna Nkosi") < sheet.index("Ben Nkosi") < sheet.index("Carl Nkosi")
    assert "Eve" not in sheet
    assert "@example.org" not in sheet
    assert "css/event-print.css" in sheet
    assert "<script" not in sheet
    assert "?print=1" in page(staff, event)


def test_times_are_those_of_the_clinic(staff: Staff, event: ClinicEvent) -> None:
    staff.clinic.timezone = "America/New_York"
    staff.clinic.save()
    shown = page(staff, event)
    assert "Mon 23 Nov, 01:30 to 03:30" in shown
    assert "All times are clinic time (America/New_York)." in shown


def test_an_empty_list_says_so(staff: Staff) -> None:
    event = ClinicEventFactory(clinic=staff.clinic)
    assert "Nobody has joined yet." in page(staff, event)
    assert "Nobody has joined yet." in staff.client.get(f"{address(event)}?print=1").content.decode()


def test_it_asks_as_often_for_many_people_as_for_few(staff: Staff) -> None:
    def asked(people: int, query: str) -> int:
        event = ClinicEventFactory(clinic=staff.clinic, starts_at=NOW + HOUR / 2)
        for _ in range(people):
            AttendanceFactory(event=event)
        with CaptureQueriesContext(connection) as queries:
            staff.client.get(address(event) + query)
        return len(queries)

    for query in ("", "?print=1", "export/"):
        asked(1, query)
        assert asked(2, query) == asked(40, query)


def test_a_nurse_without_the_permission_neither_reads_nor_marks(staff: Staff, event: ClinicEvent) -> None:
    group = staff.nurse.groups.get()
    group.permissions.remove(*group.permissions.filter(codename="change_attendance"))
    staff.client.force_login(User.objects.get(pk=staff.nurse.pk))
    shown = page(staff, event)
    for words in ("Was there", "Take off the list", "Put on the list"):
        assert words not in shown
    mark(staff, event, "Anna", "attended")
    assert of(event, "Anna").state == "joined"
    group.permissions.remove(*group.permissions.filter(codename="view_attendance"))
    staff.client.force_login(User.objects.get(pk=staff.nurse.pk))
    for rest in ("", "?print=1", "export/"):
        assert staff.client.get(address(event, rest)).status_code == 302
