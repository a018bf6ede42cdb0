"""Messages for a later time: scheduled, looked up, called off, sent once, tried again."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from notifications.exceptions import KeyUsedError, ScheduleError, UnknownRecipientsError
from notifications.models import ChannelChoice, Delivery, EventRecord, Notification
from notifications.pipeline.fan_out import FanOut
from notifications.scheduler import NotificationScheduler
from notifications.scheduling.sending import send_due
from notifications.selectors import inbox as selectors
from tests.factories import UserFactory
from tests.notifications.conftest import Pigeons
from tests.notifications.factories import DeliveryFactory, NotificationFactory, NotificationPreferencesFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
NOON = datetime(2026, 12, 1, 10, 0, tzinfo=UTC)
TEN = "2026-12-28T10:00:00Z"
AT_TEN = datetime(2026, 12, 28, 10, 0, tzinfo=UTC)
scheduler = NotificationScheduler()


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def schedule(*recipients: int, **changes: Any) -> list[int]:
    request: dict[str, Any] = {
        "recipients": recipients,
        "title": "Clinic day",
        "message": "Bring your card.",
        "scheduled_at": TEN,
    }
    return scheduler.schedule_notification(**request | changes)


def send_all() -> FanOut:
    done = FanOut()
    while send_due(now=timezone.now(), done=done):
        pass
    return done


def test_it_waits_until_its_time_and_is_in_the_inbox_then(clock: time_machine.Traveller) -> None:
    thandi, pieter = UserFactory(), UserFactory()
    ids = schedule(thandi.pk, pieter.pk)
    send_all()
    assert not selectors.inbox(thandi.pk).exists()

    clock.move_to(AT_TEN)
    assert set(scheduler.get_pending_notifications().values_list("id", flat=True)) == set(ids)
    assert send_all().user_ids == {thandi.pk, pieter.pk}

    for user, id_ in zip((thandi, pieter), ids, strict=True):
        message = selectors.inbox(user.pk).get()
        assert (message.id, message.title, message.body) == (id_, "Clinic day", "Bring your card.")
        assert (message.sent_at, message.scheduled_at) == (AT_TEN, AT_TEN)
    assert not scheduler.get_pending_notifications().exists()


def test_it_goes_out_of_the_house_as_its_person_wants_it_then(
    clock: time_machine.Traveller, pigeons: type[Pigeons], rain: object
) -> None:
    """What somebody chooses between the request and its time counts."""
    wanted, unwanted, asleep = UserFactory.create_batch(3)
    schedule(wanted.pk, unwanted.pk, asleep.pk)
    ChannelChoice.objects.create(user=unwanted, category="system", channel="pigeons", on=False)
    NotificationPreferencesFactory(
        user=asleep,
        language="af",
        timezone="UTC",
        quiet_hours_enabled=True,
        quiet_hours_start="09:00",
        quiet_hours_end="11:00",
    )
    clock.move_to(AT_TEN)
    assert send_all().channels == {"pigeons"}

    due = dict(Delivery.objects.values_list("notification__recipient_id", "due_at"))
    assert due == {wanted.pk: AT_TEN, asleep.pk: AT_TEN + timedelta(hours=1)}
    bodies = dict(Delivery.objects.values_list("notification__recipient_id", "body"))
    assert bodies[wanted.pk] == "You have a message from your clinic"
    assert bodies[asleep.pk] == "U het 'n boodskap van u kliniek"
    message = selectors.inbox(asleep.pk).get()
    assert message.language == "af"
    assert [decision["reason"] for decision in message.routing] == ["default", "quiet_hours"]


def test_thousands_are_written_and_sent_in_a_number_of_queries_that_does_not_grow(
    clock: time_machine.Traveller, django_assert_max_num_queries: Any
) -> None:
    users = UserFactory.create_batch(30)
    with django_assert_max_num_queries(14):
        schedule(*(user.pk for user in users))
    clock.move_to(AT_TEN)
    with django_assert_max_num_queries(17):
        send_due(now=AT_TEN, done=FanOut())
    assert Notification.objects.filter(scheduled_status="sent").count() == 30


def test_one_whose_person_is_gone_is_put_down_with_the_reason(clock: time_machine.Traveller) -> None:
    gone, here = UserFactory(), UserFactory()
    lost, _ = schedule(gone.pk, here.pk)
    gone.is_active = False
    gone.save()
    clock.move_to(AT_TEN)
    send_all()

    row = Notification.objects.get(id=lost)
    assert (row.scheduled_status, row.routing[0]["reason"]) == ("cancelled", "gone")
    assert selectors.inbox(here.pk).count() == 1


def test_a_bad_one_holds_up_no_other_and_is_tried_again_three_times(clock: time_machine.Traveller) -> None:
    ids = schedule(*(user.pk for user in UserFactory.create_batch(3)))
    Notification.objects.filter(id=ids[1]).update(priority=9)
    clock.move_to(AT_TEN)

    for failures in (1, 2, 3):
        send_all()
        row = Notification.objects.get(id=ids[1])
        assert (row.scheduled_status, row.failures) == ("failed", failures)
        assert "9 is not a valid Priority" in row.error
        scheduler.retry_failed_notification(notification_id=ids[1], retry_delay_minutes=0)
    assert Notification.objects.filter(scheduled_status="sent").count() == 2


def test_the_most_urgent_goes_first(clock: time_machine.Traveller) -> None:
    user = UserFactory()
    (low,) = schedule(user.pk, priority="low", scheduled_at="2026-12-28T09:00:00Z")
    (urgent,) = schedule(user.pk, priority="urgent")
    clock.move_to(AT_TEN)
    assert list(scheduler.get_pending_notifications().values_list("id", flat=True)) == [urgent, low]


def test_it_is_called_off_once_and_never_sent(clock: time_machine.Traveller) -> None:
    user = UserFactory()
    (id_,) = schedule(user.pk)
    assert scheduler.cancel_scheduled(notification_id=id_)
    assert not scheduler.cancel_scheduled(notification_id=id_)
    clock.move_to(AT_TEN)
    send_all()
    assert not scheduler.send_scheduled_notification(notification_id=id_)
    assert not selectors.inbox(user.pk).exists()
    assert scheduler.get_schedule_status(notification_id=id_)["scheduled_status"] == "cancelled"


def test_what_was_sent_cannot_be_called_off(clock: time_machine.Traveller) -> None:
    (id_,) = schedule(UserFactory().pk)
    assert scheduler.send_scheduled_notification(notification_id=id_)
    assert not scheduler.send_scheduled_notification(notification_id=id_)
    assert not scheduler.cancel_scheduled(notification_id=id_)
    assert scheduler.get_schedule_status(notification_id=id_) == {
        "id": id_,
        "title": "Clinic day",
        "scheduled_at": AT_TEN,
        "scheduled_status": "sent",
        "is_sent": True,
        "sent_at": NOON,
        "created_at": NOON,
    }


def test_of_what_is_not_there_nothing_is_known() -> None:
    assert scheduler.get_schedule_status(notification_id=1) is None
    assert not scheduler.cancel_scheduled(notification_id=1)
    assert not scheduler.send_scheduled_notification(notification_id=1)
    assert not scheduler.retry_failed_notification(notification_id=1)


def test_the_same_key_is_the_same_request(clock: time_machine.Traveller) -> None:
    user = UserFactory()
    first = schedule(user.pk, idempotency_key="a1", scheduled_by=7)
    clock.move_to(AT_TEN + timedelta(hours=1))  # by now its time would be refused
    assert schedule(user.pk, idempotency_key="a1", scheduled_by=7) == first
    assert Notification.objects.count() == 1
    later = "2026-12-29T10:00:00Z"
    with pytest.raises(KeyUsedError, match="another request"):
        schedule(user.pk, idempotency_key="a1", scheduled_by=7, scheduled_at=later)
    assert schedule(user.pk, idempotency_key="a1", scheduled_by=8, scheduled_at=later) != first
    assert schedule(user.pk, idempotency_key="a" * 500, scheduled_by=7, scheduled_at=later) != first


def test_somebody_unknown_refuses_the_whole_request() -> None:
    with pytest.raises(UnknownRecipientsError):
        schedule(UserFactory().pk, 2**40, idempotency_key="a1")
    assert not Notification.objects.exists()
    assert not EventRecord.objects.exists()  # so the key is free for the corrected request


def test_each_request_is_logged_with_who_made_it() -> None:
    (id_,) = schedule(UserFactory().pk, scheduled_by=7)
    record = EventRecord.objects.get()
    assert (record.event_type, record.state, record.recipients) == ("notification.scheduled", "processed", 1)
    assert record.payload.pop("fingerprint")
    assert record.payload == {
        "scheduled_by": 7,
        "scheduled_at": "2026-12-28T10:00:00+00:00",
        "notification_ids": [id_],
    }
    assert Notification.objects.get().event_record_id == record.pk


def test_what_is_wrong_is_named_all_at_once() -> None:
    with pytest.raises(ScheduleError) as caught:
        schedule(title="", scheduled_at="tomorrow")
    assert set(caught.value.errors) == {"recipients", "title", "scheduled_at"}
    assert not EventRecord.objects.exists()


def test_a_delivery_that_failed_is_tried_again_after_the_delay_as_often_as_a_new_one() -> None:
    message = NotificationFactory()
    failed = DeliveryFactory(
        notification=message,
        state="failed",
        failures=6,
        finished_at=timezone.now(),
        error="550 no such person",
    )
    before = timezone.now()
    assert scheduler.retry_failed_notification(notification_id=message.pk, retry_delay_minutes=10)
    failed.refresh_from_db()
    assert (failed.state, failed.failures, failed.finished_at) == ("retry", 0, None)
    assert failed.due_at >= before + timedelta(minutes=10)
    assert failed.error == "550 no such person"
    assert not scheduler.retry_failed_notification(notification_id=message.pk)


def test_what_would_be_of_no_use_by_then_or_has_no_text_any_more_stays_failed() -> None:
    stale = NotificationFactory(valid_until=timezone.now() + timedelta(minutes=5))
    DeliveryFactory(notification=stale, state="failed", finished_at=timezone.now())
    wiped = DeliveryFactory(state="failed", finished_at=timezone.now(), body="")
    for message in (stale.pk, wiped.notification_id):
        assert not scheduler.retry_failed_notification(notification_id=message, retry_delay_minutes=10)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"failed"}


@pytest.mark.parametrize("delay", [-1, 7 * 24 * 60 + 1, "10", None])
def test_an_impossible_delay_is_refused_by_name(delay: Any) -> None:
    with pytest.raises(ValueError, match="retry_delay_minutes"):
        scheduler.retry_failed_notification(notification_id=1, retry_delay_minutes=delay)
