"""Messages in the words of whoever sends them: checked, and told the truth of."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from notifications.exceptions import MessageError
from notifications.models import ChannelChoice, Notification
from notifications.scheduler import NotificationScheduler
from notifications.scheduling.dead_letters import revive_stuck
from notifications.services import NotificationService
from tests.factories import UserFactory
from tests.notifications.factories import NotificationPreferencesFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)
User = get_user_model()
scheduler = NotificationScheduler()


def send(*users: Any, **changes: Any) -> list[int]:
    return NotificationService.send(users=users, **{"title": "Closed", "message": "All day.", **changes})


def status(id_: int) -> tuple[str, bool, bool]:
    found = scheduler.get_schedule_status(notification_id=id_)
    assert found is not None
    return found["scheduled_status"], found["is_sent"], found["sent_at"] is not None


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"notif_type": "no such type !"}, "no such type !"),
        ({"notif_type": "x" * 31}, "x" * 31),
        ({"notif_type": ""}, "notif_type"),
        ({"notif_type": "nothing.of_ours"}, "nothing.of_ours"),
        ({"title": "\u200b\u3164"}, "title"),
        ({"title": " "}, "title"),
        ({"message": "\u2800"}, "message"),
        ({"title": "x" * 201}, "title"),
        ({"priority": "soon"}, "soon"),
        ({"channels": ["pigeon"]}, "pigeon"),
        ({"channels": "email"}, "channels"),
        ({"title": None}, "title"),
        ({"title": "Closed\0"}, "title"),
        ({"message": 5}, "message"),
        ({"message": "\ud800"}, "message"),
        ({"notif_type": None}, "notif_type"),
        ({"priority": None}, "priority"),
        ({"priority": 3}, "priority"),
        ({"require_acknowledgment": None}, "require_acknowledgment"),
        ({"data": {"at": NOW}}, "data"),
        ({"data": {"rate": float("nan")}}, "data"),
        ({"data": ["x"]}, "data"),
        ({"users": 7}, "users"),
        ({"users": [7]}, "users"),
        ({"users": [User()]}, "users"),
    ],
)
def test_what_is_malformed_is_a_value_error_that_names_it(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named) as caught:
        NotificationService.send(
            **{"users": [UserFactory()], "title": "Closed", "message": "All day.", **changes}
        )
    assert isinstance(caught.value, MessageError)
    assert not Notification.objects.exists()


@pytest.mark.parametrize("name", ["system", "medication", "medication.low_stock", "my-own_type", "7"])
def test_a_type_is_a_category_an_event_type_or_a_slug(name: str) -> None:
    [id_] = send(UserFactory(), notif_type=name)
    assert Notification.objects.get(pk=id_).event_type == name


@pytest.mark.parametrize("title", ["\u200b", "\u2800"])
def test_an_announcement_shows_something_in_each_language(title: str) -> None:
    with pytest.raises(MessageError, match="title"):
        NotificationService.announce(
            title={"en": "Closed", "af": title}, message={"en": "x", "af": "x"}, audiences=["patients"]
        )
    with pytest.raises(MessageError, match="nobody of ours"):
        NotificationService.announce(
            title={"en": "x", "af": "x"}, message={"en": "x", "af": "x"}, audiences=["nobody of ours"]
        )


def test_a_channel_that_reaches_somebody_is_sent_and_one_that_reaches_nobody_is_not() -> None:
    reached, without_number = UserFactory(phone="082 555 0101"), UserFactory(phone=None)
    sent, not_sent = send(reached, without_number, channels=["sms"])
    assert status(sent) == ("sent", True, True)
    assert status(not_sent) == ("failed", False, False)
    message = Notification.objects.get(pk=not_sent)
    assert {each["channel"]: each["reason"] for each in message.routing}["sms"] == "no_address"
    assert not message.in_inbox and not message.deliveries.exists()


def test_what_somebody_turned_off_is_not_sent_either() -> None:
    user = UserFactory(phone="082 555 0101")
    ChannelChoice.objects.create(user=user, category="system", channel="sms", on=False)
    [id_] = send(user, channels=["sms"])
    assert status(id_) == ("failed", False, False)


def test_the_inbox_is_a_channel_too() -> None:
    assert status(*send(UserFactory(phone=None), channels=["in_app", "sms"])) == ("sent", True, True)


def test_without_a_forced_channel_it_is_for_the_person_to_choose() -> None:
    assert status(*send(unreached())) == ("sent", True, True)


def unreached() -> Any:
    """Somebody who wants nothing outside the inbox."""
    user = UserFactory(phone=None)
    NotificationPreferencesFactory(user=user, email_enabled=False, push_enabled=False)
    return user


def scheduled_for_nobody() -> int:
    """A message that its reader wants by no way, and has come."""
    user = unreached()
    ChannelChoice.objects.create(user=user, category="system", channel="in_app", on=False)
    [id_] = scheduler.schedule_notification(
        recipients=[user.pk],
        title="Closed",
        message="All day.",
        scheduled_at=timezone.now() + timedelta(days=1),
    )
    return id_


def test_a_scheduled_message_that_nothing_carries_was_not_sent() -> None:
    id_ = scheduled_for_nobody()
    assert not scheduler.send_scheduled_notification(notification_id=id_)
    assert status(id_) == ("failed", False, False)
    assert Notification.objects.get(pk=id_).routing


def test_what_nothing_carries_is_not_tried_again_and_again() -> None:
    id_ = scheduled_for_nobody()
    # It was in trouble before, and was revived.
    Notification.objects.filter(pk=id_).update(failures=2)
    scheduler.send_scheduled_notification(notification_id=id_)
    forced = send(UserFactory(phone=None), channels=["sms"])
    assert revive_stuck(now=timezone.now()) == 0
    for each in (id_, *forced):
        assert not scheduler.retry_failed_notification(notification_id=each)
        assert status(each)[0] == "failed"
