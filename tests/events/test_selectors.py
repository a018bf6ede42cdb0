"""People see the events of their patients' clinics, staff those of their own clinics."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.models import Attendance
from events.selectors import events
from events.services.event import event_cancel
from tests.events.factories import NOW, AttendanceFactory, ClinicEventFactory, EventSeriesFactory
from tests.factories import CareRoleFactory, StaffRoleFactory, UserFactory

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def test_a_person_sees_the_events_of_their_patients_clinics_soonest_first_and_no_others() -> None:
    role = CareRoleFactory(relation="carer")
    later = ClinicEventFactory(clinic=role.patient.clinic, starts_at=NOW + 3 * DAY)
    sooner = ClinicEventFactory(clinic=role.patient.clinic)
    elsewhere = ClinicEventFactory()
    assert list(events.visible_to(role.user)) == [sooner, later]
    assert events.event_for(role.user, sooner.id) == sooner
    assert events.event_for(role.user, elsewhere.id) is None
    assert list(events.visible_to(UserFactory())) == []
    assert list(events.visible_to(AnonymousUser())) == []


def test_a_patient_who_moved_to_another_clinic_still_sees_the_events_they_joined() -> None:
    role = CareRoleFactory()
    joined = AttendanceFactory(user=role.user).event
    left = AttendanceFactory(user=role.user, state="left").event
    assert events.event_for(role.user, joined.id) == joined
    assert events.event_for(role.user, left.id) is None


def test_the_dead_have_no_clinic() -> None:
    role = CareRoleFactory(patient__deceased_on=date(2026, 1, 1))
    ClinicEventFactory(clinic=role.patient.clinic)
    assert list(events.visible_to(role.user)) == []


def test_each_event_comes_with_its_counts_and_the_persons_own_state_in_one_query() -> None:
    role = CareRoleFactory()
    event = ClinicEventFactory(clinic=role.patient.clinic)
    for state in ("joined", "attended", "no_show", "waiting", "left"):
        AttendanceFactory(event=event, state=state)
    AttendanceFactory(event=event, user=role.user, state="waiting")
    ClinicEventFactory(clinic=role.patient.clinic, starts_at=NOW + 5 * DAY)
    with CaptureQueriesContext(connection) as captured:
        found = [
            (each.joined, each.waiting, each.mine, each.clinic.name) for each in events.visible_to(role.user)
        ]
    assert len(captured) == 1
    assert [row[:3] for row in found] == [(3, 2, "waiting"), (0, 0, None)]


def test_past_events_are_not_upcoming_and_cancelled_ones_are() -> None:
    role = CareRoleFactory()
    clinic = role.patient.clinic
    ClinicEventFactory(clinic=clinic, starts_at=NOW - DAY)
    under_way = ClinicEventFactory(clinic=clinic, starts_at=NOW - timedelta(hours=1))
    cancelled = ClinicEventFactory(clinic=clinic)
    event_cancel(event_id=cancelled.id, now=NOW)
    assert list(events.upcoming(role.user, now=NOW)) == [under_way, cancelled]
    assert list(events.between(role.user, start=NOW, end=NOW + 2 * DAY)) == []
    assert list(events.between(role.user, start=NOW, end=NOW + 3 * DAY)) == [cancelled]


def test_my_events_are_those_ahead_where_i_am_on_a_list() -> None:
    role = CareRoleFactory()
    clinic = role.patient.clinic
    mine = [
        AttendanceFactory(user=role.user, state=state, event__clinic=clinic).event
        for state in ("joined", "waiting")
    ]
    AttendanceFactory(user=role.user, state="left", event__clinic=clinic)
    AttendanceFactory(user=role.user, event__clinic=clinic, event__starts_at=NOW - DAY)
    ClinicEventFactory(clinic=clinic)
    assert list(events.my_events(role.user, now=NOW)) == mine


def test_staff_see_the_events_and_series_of_their_own_clinics_and_head_office_all() -> None:
    role = StaffRoleFactory()
    ours, theirs = EventSeriesFactory(clinic=role.clinic), EventSeriesFactory()
    our_event = ClinicEventFactory(clinic=role.clinic, series=ours, original_start=NOW + DAY)
    their_event = ClinicEventFactory(clinic=theirs.clinic)
    assert list(events.events_for_staff(role.user)) == [our_event]
    assert [(each, each.ahead) for each in events.series_for_staff(role.user, now=NOW)] == [(ours, 1)]
    head_office = UserFactory(is_superuser=True)
    assert set(events.events_for_staff(head_office)) == {our_event, their_event}
    assert events.series_for_staff(head_office, now=NOW).count() == 2
    assert not events.events_for_staff(UserFactory()).exists()


def test_a_list_has_people_with_a_place_and_then_the_waiting_list_in_the_order_of_asking() -> None:
    event = ClinicEventFactory()
    waits = AttendanceFactory(event=event, state=Attendance.State.WAITING, asked_at=NOW - 9 * DAY)
    second = AttendanceFactory(event=event, state=Attendance.State.ATTENDED, asked_at=NOW)
    first = AttendanceFactory(event=event)
    AttendanceFactory(event=event, state=Attendance.State.LEFT)
    assert list(events.attendance_list(event.id)) == [first, second, waits]
