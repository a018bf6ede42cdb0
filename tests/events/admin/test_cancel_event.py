"""An event is cancelled after showing who will be notified; each person is notified once, with the reason."""

from datetime import timedelta

import pytest
import time_machine

from events.models import ClinicEvent
from events.services.event import event_cancel
from notifications.models import EventRecord, Notification
from notifications.pipeline.fan_out import fan_out
from tests.events.admin.conftest import Staff
from tests.events.factories import NOW, AttendanceFactory, ClinicEventFactory
from tests.factories import UserFactory


@pytest.fixture
def event(staff: Staff) -> ClinicEvent:
    return ClinicEventFactory(clinic=staff.clinic)


def address(event: ClinicEvent) -> str:
    return f"/admin/clinic_events/{event.pk}/cancel/"


def test_it_shows_the_recipients_and_changes_nothing_yet(staff: Staff, event: ClinicEvent) -> None:
    for state, name in (("joined", "Anna"), ("waiting", "Ben"), ("left", "Carl")):
        AttendanceFactory(event=event, state=state, user__first_name=name)
    page = staff.client.get(address(event)).content.decode()
    assert "2 people will be told." in page
    assert "Cancel and tell 2 people" in page
    assert "Anna Nkosi" in page and "Ben Nkosi" in page and "Carl" not in page
    assert "exactly as you write it, whatever their language" in page
    event.refresh_from_db()
    assert event.state == "planned"


def test_everyone_who_joined_or_waits_is_notified_once_with_the_reason(
    staff: Staff, event: ClinicEvent
) -> None:
    for number in range(200):
        AttendanceFactory(event=event, state="waiting" if number % 2 else "joined")
    answer = staff.client.post(address(event), {"reason": "The nurse is ill."}, follow=True)
    page = answer.content.decode()
    assert "“Outreach day” is cancelled. 200 people will be told." in page
    assert "Reason: The nurse is ill." in page
    assert staff.client.post(address(event), {"reason": "Again."}).status_code == 302
    event.refresh_from_db()
    assert (event.state, event.cancel_reason, event.next_notice_at) == (
        "cancelled",
        "The nurse is ill.",
        None,
    )
    while fan_out(now=NOW).records:
        pass
    told = Notification.objects.filter(event_type="event.cancelled")
    assert told.count() == told.values("recipient").distinct().count() == 200
    assert all("The nurse is ill." in message.body for message in told[:3])


def test_the_history_names_the_person_who_cancelled_it(staff: Staff, event: ClinicEvent) -> None:
    staff.client.post(address(event), {"reason": ""})
    history = staff.client.get(f"/admin/clinic_events/history/{event.pk}/").content.decode()
    assert "Cancelled" in history
    assert "Sister" in history


def test_a_reason_that_is_too_long_is_refused(staff: Staff, event: ClinicEvent) -> None:
    answer = staff.client.post(address(event), {"reason": "x" * 201})
    assert "reason" in answer.context["form"].errors
    event.refresh_from_db()
    assert event.state == "planned"


def test_an_event_that_is_over_or_cancelled_is_not_cancelled_again(staff: Staff, event: ClinicEvent) -> None:
    over = ClinicEventFactory(clinic=staff.clinic, starts_at=NOW - timedelta(days=1))
    event_cancel(event_id=event.pk, now=NOW, reason="Rain.")
    records = EventRecord.objects.count()
    for closed in (event, over):
        assert staff.client.get(address(closed))["Location"] == f"/admin/clinic_events/edit/{closed.pk}/"
        assert staff.client.post(address(closed), {"reason": "Late."}).status_code == 302
        closed.refresh_from_db()
        assert closed.cancel_reason != "Late."
    assert EventRecord.objects.count() == records


def test_it_may_end_while_somebody_looks_at_the_page(staff: Staff, event: ClinicEvent) -> None:
    staff.client.get(address(event))
    with time_machine.travel(event.ends_at, tick=False):
        staff.client.force_login(staff.nurse)
        staff.client.post(address(event), {"reason": ""})
    event.refresh_from_db()
    assert event.state == "planned"


def test_a_script_in_a_name_is_inert(staff: Staff, event: ClinicEvent) -> None:
    AttendanceFactory(event=event, user=UserFactory(first_name="<script>alert(1)</script>"))
    ClinicEvent.objects.update(title_en="<script>alert(2)</script>")
    assert b"<script>alert(" not in staff.client.get(address(event)).content
