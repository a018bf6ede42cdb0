"""Push messages through a real push service, friendly and otherwise."""

import socket
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import override_settings
from django.utils import timezone
from pytest_django import Settings

from home.models import User
from notifications.channels import idle
from notifications.channels.push.channel import PushChannel
from notifications.channels.push.hosts import is_push_service
from notifications.channels.push.payload import ANSWERS
from notifications.channels.push.vapid import new_key
from notifications.exceptions import ChannelError
from notifications.models import Delivery, PushSubscription
from notifications.pipeline.deliver import deliver
from notifications.types import Message, Priority, QuickReplyOption, SendResult
from tests.factories import UserFactory
from tests.notifications.channels.push.conftest import Subscribed, row
from tests.notifications.channels.push.push_service import HANGS_UP, LIMIT, PushService
from tests.notifications.factories import DeliveryFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def message(thandi: User) -> Message:
    return Message(
        key="medguard-7",
        address=str(thandi.pk),
        subject="",
        body="U het ’n herinnering van u kliniek – môre",
        language="af",
        url="https://clinic.example/af/today/?who=3",
        priority=Priority.HIGH,
        thread="dose-12",
        valid_until=timezone.now() + timedelta(hours=1),
        answers=(
            QuickReplyOption("taken", "Geneem", "t1"),
            QuickReplyOption("later", "Later", "t2"),
            QuickReplyOption("skipped", "Slaan oor", "t3"),
        ),
    )


def send(message: Message) -> SendResult:
    channel = PushChannel()
    found = channel.look_up([message.address])
    with channel.session() as one:
        return one(replace(message, found=found.get(message.address)))


def refused(message: Message) -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        send(message)
    return caught.value


# What arrives ----------------------------------------------------------------------------------------------


def test_a_browser_reads_the_message_and_its_service_knows_who_sent_it(
    service: PushService, subscribed: Subscribed, message: Message
) -> None:
    phone = subscribed("phone")
    assert send(message) == SendResult("push", "1/1")
    [got] = phone.got
    assert got == {
        "key": "medguard-7",
        "thread": "dose-12",
        "title": "MedGuard",
        "body": message.body,
        "lang": "af",
        "url": "/af/today/?who=3",
        "actions": [
            {"action": "taken", "title": "Geneem", "token": "t1"},
            {"action": "later", "title": "Later", "token": "t2"},
        ],
    }
    assert len(got["actions"]) == ANSWERS
    assert service.problems == []
    assert service.subjects == ["mailto:clinic@example.org"]
    device = row(phone)
    assert device and device.last_used_at and device.failures == 0


def test_the_headers_say_how_soon_how_long_and_what_it_replaces(
    subscribed: Subscribed, message: Message
) -> None:
    phone = subscribed("phone")
    for each in (message, replace(message, key="medguard-8"), replace(message, thread="dose-13")):
        send(each)
    send(replace(message, priority=Priority.LOW, valid_until=None, thread=""))
    first, again, other, plain = phone.headers
    assert (first["urgency"], plain["urgency"]) == ("high", "low")
    assert 3590 <= int(first["ttl"]) <= 3600
    assert int(plain["ttl"]) == 24 * 3600
    assert first["topic"] == again["topic"] != other["topic"]
    assert len(first["topic"]) == 32
    assert first["topic"].replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize("letter", ["a", "ê", "薬", "🙂", '"', "\x01", "\ud83d"])
def test_a_long_text_is_cut_to_what_a_service_takes(
    subscribed: Subscribed, message: Message, letter: str
) -> None:
    phone = subscribed("phone")
    send(replace(message, body=letter * 5000))
    [got] = phone.got
    assert got["body"].endswith("…")
    assert set(got["body"][:-1]) <= {letter, "?"}
    assert LIMIT - 12 < phone.sizes[0] <= LIMIT
    send(replace(message, body=letter * 20))
    assert len(phone.got[1]["body"]) == 20


def test_several_devices_each_get_it(subscribed: Subscribed, message: Message) -> None:
    browsers = [subscribed(name) for name in ("phone", "tablet", "clinic")]
    other = subscribed("other", user=UserFactory())
    assert send(message).provider_id == "3/3"
    assert [len(browser.got) for browser in browsers] == [1, 1, 1]
    assert other.calls == 0


@pytest.mark.usefixtures("unhurried")
def test_a_batch_costs_the_same_queries_however_many_people_and_devices_it_has(
    subscribed: Subscribed, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        user = UserFactory()
        for device in ("phone", "tablet"):
            subscribed(f"{device}-{number}", user=user)
        DeliveryFactory(notification__recipient=user, channel="push", address=str(user.pk))
    # What is claimed and still wanted, the devices, and what became of messages and devices.
    with django_assert_max_num_queries(17):
        assert deliver("push", now=timezone.now()).sent == 20
    assert not PushSubscription.objects.filter(last_used_at=None).exists()
    assert set(Delivery.objects.values_list("state", "provider_id")) == {("sent", "2/2")}


def test_one_bad_device_takes_no_others_along(service: PushService, subscribed: Subscribed) -> None:
    users = UserFactory.create_batch(6)
    for number, user in enumerate(users):
        subscribed(f"phone-{number}", user=user)
        DeliveryFactory(notification__recipient=user, channel="push", address=str(user.pk))
    service.browsers["phone-1"].status = 410
    service.browsers["phone-2"].status = 500
    service.browsers["phone-3"].status = HANGS_UP
    PushSubscription.objects.filter(user=users[4]).update(p256dh="BAAA")
    assert deliver("push", now=timezone.now()).sent == 2
    states = Delivery.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["sent", "failed", "retry", "retry", "failed", "sent"]
    assert not PushSubscription.objects.filter(user=users[1]).exists()
    failures = PushSubscription.objects.order_by("user_id").values_list("failures", flat=True)
    assert list(failures) == [0, 1, 1, 1, 0]


def test_a_connection_is_kept_for_the_next_batch(
    service: PushService, subscribed: Subscribed, message: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribed("phone")
    send(message)
    connections = service.connections
    send(message)
    assert service.connections == connections
    monkeypatch.setattr(idle, "IDLE", 0.0)
    send(message)
    assert service.connections == connections + 1


def test_who_we_are_is_signed_once_in_hours_and_anew_before_it_ends(
    service: PushService,
    subscribed: Subscribed,
    message: Message,
    time_machine: time_machine.TimeMachineFixture,
) -> None:
    phone = subscribed("phone")
    now = timezone.now()
    for shifted in (timedelta(0), timedelta(hours=10), timedelta(hours=12), timedelta(hours=-20)):
        time_machine.move_to(now + shifted)
        send(message)
    assert service.problems == []
    first, later, renewed, put_back = (headers["authorization"] for headers in phone.headers)
    assert first == later
    assert len({first, renewed, put_back}) == 3


def test_a_proxy_of_the_environment_is_used(
    service: PushService, subscribed: Subscribed, message: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = subscribed("phone")
    elsewhere = "http://push.clinic.test"
    PushSubscription.objects.update(endpoint=f"{elsewhere}/push/phone")
    monkeypatch.setenv("http_proxy", service.origin)
    with override_settings(PUSH_HOSTS=[elsewhere]):
        service.proxied = elsewhere
        assert send(message).provider_id == "1/1"
    assert phone.calls == 1
    assert service.targets == [f"{elsewhere}/push/phone"]


# What goes wrong -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [404, 410])
def test_a_dead_subscription_is_removed_and_the_others_get_it(
    subscribed: Subscribed, message: Message, status: int
) -> None:
    dead, phone = subscribed("dead", status=status), subscribed("phone")
    assert send(message).provider_id == "1/2"
    assert row(dead) is None
    assert row(phone) is not None
    assert len(phone.got) == 1


def test_when_the_last_device_is_gone_nobody_tries_again(
    subscribed: Subscribed, message: Message, thandi: User
) -> None:
    subscribed("dead", status=410)
    assert PushChannel().addresses([thandi.pk]) == {thandi.pk: str(thandi.pk)}
    error = refused(message)
    assert error.permanent
    assert PushChannel().addresses([thandi.pk]) == {}
    assert refused(message).permanent


@pytest.mark.parametrize(
    ("status", "permanent"),
    [
        (400, True),
        (413, True),
        (301, True),
        (429, False),
        (500, False),
        (503, False),
        (401, False),
        (403, False),
    ],
)
def test_each_answer_says_whether_to_try_again(
    subscribed: Subscribed, message: Message, status: int, permanent: bool
) -> None:
    phone = subscribed("phone", status=status)
    error = refused(message)
    assert error.permanent is permanent
    assert str(status) in str(error)
    assert phone.endpoint not in str(error)
    device = row(phone)
    assert device and device.failures == 1
    phone.status = 201
    send(message)
    device = row(phone)
    assert device and device.failures == 0


def test_one_that_fails_leaves_the_others_alone(subscribed: Subscribed, message: Message) -> None:
    broken, phone = subscribed("broken", status=500), subscribed("phone")
    assert send(message).provider_id == "1/2"
    assert len(phone.got) == 1
    assert (device := row(broken)) and device.failures == 1


def test_it_waits_as_long_as_the_service_asks(subscribed: Subscribed, message: Message) -> None:
    subscribed("phone", status=429, answer_headers={"Retry-After": "120"})
    assert refused(message).retry_after == timedelta(minutes=2)


def test_it_waits_no_longer_than_the_readiest_device(subscribed: Subscribed, message: Message) -> None:
    slow = subscribed("slow", status=429, answer_headers={"Retry-After": "600"})
    slower = subscribed("slower", status=503, answer_headers={"Retry-After": "700"})
    assert refused(message).retry_after == timedelta(seconds=600)
    for said in ("soon", "0"):
        slower.answer_headers = {"Retry-After": said}
        assert refused(message).retry_after is None
    slow.status, slower.status = 400, 410
    assert refused(message).permanent


def test_a_redirect_is_not_followed(service: PushService, subscribed: Subscribed, message: Message) -> None:
    elsewhere = service.browser("elsewhere")
    for status in (301, 302, 307, 308):
        subscribed("phone", status=status, answer_headers={"Location": elsewhere.endpoint})
        assert refused(message).permanent
    assert elsewhere.calls == 0


def test_a_service_that_hangs_is_given_up_and_the_other_device_gets_it(
    service: PushService, subscribed: Subscribed, message: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PushChannel, "timeout", (0.5, 0.5))
    subscribed("phone")
    service.hang.clear()
    error = refused(message)
    assert not error.permanent
    assert "Timeout" in str(error)
    service.hang.set()
    assert send(message).provider_id == "1/1"


def test_not_every_device_may_hold_up_the_rest(
    service: PushService, subscribed: Subscribed, message: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PushChannel, "timeout", (0.3, 0.3))
    monkeypatch.setattr(PushChannel, "turn", 0.5)
    browsers = [subscribed(f"phone-{number}") for number in range(5)]
    service.hang.clear()
    assert not refused(message).permanent
    assert sum(browser.calls for browser in browsers) == 2
    service.hang.set()


def test_a_service_that_is_down_is_tried_again(
    settings: Settings, subscribed: Subscribed, message: Message
) -> None:
    phone = subscribed("phone")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        free = taken.getsockname()[1]
    settings.PUSH_HOSTS = [f"http://localhost:{free}"]
    PushSubscription.objects.update(endpoint=f"http://localhost:{free}/push/phone")
    error = refused(message)
    assert not error.permanent
    assert "localhost" not in str(error)
    assert phone.calls == 0


def test_another_key_of_ours_is_a_matter_for_staff(
    settings: Settings, service: PushService, subscribed: Subscribed, message: Message
) -> None:
    phone = subscribed("phone")
    settings.VAPID_PRIVATE_KEY = new_key()
    assert not refused(message).permanent
    assert service.problems == ["another key than the one it subscribed with"]
    assert row(phone) is not None


def test_a_host_that_is_no_longer_allowed_gets_no_call(
    settings: Settings, subscribed: Subscribed, message: Message
) -> None:
    phone = subscribed("phone")
    settings.PUSH_HOSTS = ["fcm.googleapis.com"]
    assert not is_push_service(phone.endpoint, settings.PUSH_HOSTS)
    assert refused(message).permanent
    assert phone.calls == 0


@pytest.mark.parametrize("changes", [{"p256dh": "BAAA"}, {"p256dh": "B" + "A" * 86}, {"auth": "é"}])
def test_keys_that_got_spoilt_hold_up_no_other_device(
    subscribed: Subscribed, message: Message, changes: dict[str, str]
) -> None:
    broken, phone = subscribed("broken"), subscribed("phone")
    PushSubscription.objects.filter(endpoint=broken.endpoint).update(**changes)
    assert send(message).provider_id == "1/2"
    assert len(phone.got) == 1


def test_no_name_and_password_of_a_netrc_replaces_who_we_are(
    tmp_path: Any,
    monkeypatch: pytest.MonkeyPatch,
    service: PushService,
    subscribed: Subscribed,
    message: Message,
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login thandi password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    subscribed("phone")
    send(message)
    assert service.problems == []
