"""Nothing more of an announcement is told or sent once it was stopped, whoever holds it; and what was sent before."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from notifications import event_types
from notifications.announcements import acts
from notifications.announcements.progress import Stage, progress
from notifications.models import Announcement, Delivery, EventRecord, Notification
from notifications.pipeline.deliver import deliver
from notifications.pipeline.fan_out import fan_out
from notifications.pipeline.forgetting import forget_announcements
from notifications.services import NotificationService
from notifications.types import Reason
from tests.factories import ClinicFactory, StaffRoleFactory, UserFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


@pytest.fixture
def announcement(time_machine: Any) -> Announcement:
    """To three nurses, handed over and not told of yet."""
    time_machine.move_to(NOW, tick=False)
    clinic = ClinicFactory()
    for _ in range(3):
        StaffRoleFactory(clinic=clinic)
    both = {"en": "Closed", "af": "Gesluit"}
    record = NotificationService.announce(
        title=both, message=both, audiences=["staff"], within={"clinic": clinic.pk}
    )
    return Announcement.objects.get(event_record=record)


def stop(announcement: Announcement) -> None:
    acts.announcement_stop(pk=announcement.pk, by=UserFactory(), now=NOW)


def test_nobody_is_told_of_what_was_stopped_before(announcement: Announcement) -> None:
    stop(announcement)
    fan_out(now=NOW)
    assert not Notification.objects.exists()
    assert EventRecord.objects.get().state == "cancelled"


def test_nobody_more_is_told_of_what_was_stopped_meanwhile(
    announcement: Announcement, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_types, "LOOK_AGAIN", 1)
    told = event_types.recipients([_publication(announcement)], NOW)
    next(iter(told))
    # The worker holds the publication: nothing takes it away.
    EventRecord.objects.update(lease_owner="a worker", lease_until=NOW + timedelta(seconds=60))
    stop(announcement)
    assert acts.settle(announcement, clock=lambda: NOW, seconds=0) == 1
    assert list(told) == []


def _publication(announcement: Announcement) -> Any:
    record = EventRecord.objects.get(pk=announcement.event_record_id)
    return event_types.Publication(record.pk, record.payload)


def test_a_worker_sends_nothing_more_of_what_was_stopped(announcement: Announcement) -> None:
    fan_out(now=NOW)
    assert Delivery.objects.filter(channel="email").count() == 3
    # As if the stop had found none of them: what was being written just then.
    Announcement.objects.update(stopped_at=NOW)
    while deliver("email", now=NOW).taken:
        pass
    rows = Delivery.objects.filter(channel="email").values_list("state", "reason")
    assert set(rows) == {("cancelled", Reason.STOPPED)}
    assert progress(Announcement.objects.get(), now=NOW).stage is Stage.STOPPED


def test_the_answer_waits_for_what_is_in_somebodys_hands(announcement: Announcement) -> None:
    fan_out(now=NOW)
    held = Delivery.objects.order_by("id").first()
    assert held is not None
    Delivery.objects.filter(pk=held.pk).update(
        lease_owner="a worker", lease_until=NOW + timedelta(seconds=60), state="sending"
    )
    stop(announcement)
    announcement.refresh_from_db()
    assert acts.settle(announcement, clock=lambda: NOW, seconds=0) == 1
    assert progress(announcement, now=NOW).stage is Stage.STOPPING
    Delivery.objects.filter(pk=held.pk).update(
        lease_owner="", lease_until=None, state="sent", sent_at=NOW, finished_at=NOW
    )
    assert acts.settle(announcement, clock=lambda: NOW, seconds=0) == 0
    found = progress(announcement, now=NOW)
    assert found.stage is Stage.STOPPED
    (by_email,) = [each for each in found.channels if each.name == "email"]
    assert (by_email.sent, by_email.stopped, by_email.waiting) == (1, 2, 0)


def test_a_draft_that_mentions_somebody_is_wiped_with_all_it_said_before() -> None:
    said = {"en": "Gogo Dlamini brings the cake", "af": "Gogo Dlamini bring die koek"}
    other = {"en": "Cake", "af": "Koek"}
    by = UserFactory()
    rows = [
        Announcement(title=title, message=title, audiences=["staff"], within={}) for title in (said, other)
    ]
    for row in rows:
        acts.announcement_write(announcement=row, by=by, seen=None, now=NOW)
    once, never = rows
    once.title = once.message = other
    acts.announcement_write(announcement=once, by=by, seen=once.latest_revision_id, now=NOW)
    for step in forget_announcements(["gogo dlamini"], NOW):
        step.carry_out()
    once.refresh_from_db()
    never.refresh_from_db()
    assert once.title["en"] == "–", "an earlier draft named her"
    assert not once.revisions.exists()
    assert never.title == other
