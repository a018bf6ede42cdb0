"""Turning notices on, renewing and removing them: only with a real push service's address, only one's own."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from home.models import User
from notifications import services
from notifications.channels.push.device_names import device_name
from notifications.channels.push.devices import MOST, device_add, devices_of, read_subscription
from notifications.inbox.why import explain
from notifications.models import Delivery, Notification, PushSubscription
from notifications.pipeline.deliver import deliver
from notifications.services import NotificationService
from tests.factories import UserFactory
from tests.notifications.channels.push.conftest import Subscribed, row
from tests.notifications.channels.push.push_service import Browser, PushService

pytestmark = pytest.mark.django_db
ADD = "/en/preferences/devices/"
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def reader(thandi: User) -> Client:
    client = Client(
        headers={"User-Agent": "Mozilla/5.0 (Linux; Android 14) Chrome/140.0 Mobile Safari/537.36"}
    )
    client.force_login(thandi)
    return client


def post(client: Client, url: str, data: Any) -> Any:
    body = data if isinstance(data, str | bytes) else json.dumps(data)
    return client.post(url, body, content_type="application/json")


def broken(browser: Browser) -> dict[str, Any]:
    """Bodies that are refused, by what is wrong with them."""
    good, keys = browser.subscription, browser.keys
    return {
        "no JSON": "{",
        "no object": "[]",
        "deep": "[" * 4000,
        "long": json.dumps({**good, "more": "x" * 5000}),
        "NUL": json.dumps({**good, "endpoint": f"{browser.endpoint}\0"}),
        "no UTF-8": b"\xff\xfe",
        "nothing": {},
        "keys of another kind": {**good, "keys": "none"},
        "no keys": {**good, "keys": {}},
        "a point off the curve": {**good, "keys": {**keys, "p256dh": "B" + "A" * 86}},
        "no point": {**good, "keys": {**keys, "p256dh": keys["p256dh"][:40]}},
        "no base64": {**good, "keys": {**keys, "auth": "é" * 22}},
        "a short secret": {**good, "keys": {**keys, "auth": keys["auth"][:10]}},
        "a long secret": {**good, "keys": {**keys, "auth": keys["auth"] * 5}},
        "another host": {**good, "endpoint": "https://evil.example/push/phone"},
        "a private address": {**good, "endpoint": "https://169.254.169.254/latest/"},
        "another scheme": {**good, "endpoint": browser.endpoint.replace("http:", "file:")},
        "an endpoint of another kind": {**good, "endpoint": {"href": browser.endpoint}},
    }


def test_a_browser_is_added_once_and_called_by_its_name(
    reader: Client, service: PushService, thandi: User
) -> None:
    phone = service.browser("phone")
    for _ in range(2):
        answer = post(reader, ADD, phone.subscription)
        assert answer.status_code == 200
        assert "Chrome, Android" in answer.content.decode()
        assert phone.endpoint not in answer.content.decode()
    [device] = devices_of(thandi.pk)
    assert (device.endpoint, device.p256dh, device.auth) == (phone.endpoint, *phone.keys.values())


def test_what_is_no_subscription_is_refused_in_words(reader: Client, service: PushService) -> None:
    words = ("Hierdie blaaier het nie gesê", "Hierdie blaaier se kennisgewingdiens")
    for what, body in broken(service.browser("phone")).items():
        answer = post(reader, ADD.replace("/en/", "/af/"), body)
        assert answer.status_code == 400, what
        assert answer.json()["detail"].startswith(words), what
    assert not PushSubscription.objects.exists()


def test_a_stranger_and_a_forged_page_add_nothing(service: PushService, thandi: User) -> None:
    phone = service.browser("phone")
    assert post(Client(), ADD, phone.subscription).status_code == 302
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(thandi)
    assert post(strict, ADD, phone.subscription).status_code == 403
    assert not PushSubscription.objects.exists()


def test_an_endpoint_belongs_to_who_turned_notices_on_last(subscribed: Subscribed, thandi: User) -> None:
    phone = subscribed("phone")
    pieter = UserFactory()
    device_add(
        user_id=pieter.pk,
        subscription=read_subscription(phone.subscription),
        user_agent="",
        now=timezone.now(),
    )
    assert not devices_of(thandi.pk).exists()
    assert devices_of(pieter.pk).count() == 1


def test_one_too_many_takes_the_place_of_the_one_used_longest_ago(
    subscribed: Subscribed, thandi: User
) -> None:
    browsers = [subscribed(f"phone-{number}") for number in range(MOST)]
    now = timezone.now()
    for days, browser in enumerate(browsers):
        PushSubscription.objects.filter(endpoint=browser.endpoint).update(
            created_at=now - timedelta(days=50), last_used_at=now - timedelta(days=days)
        )
    subscribed("new")
    assert devices_of(thandi.pk).count() == MOST
    assert row(browsers[-1]) is None
    assert row(browsers[0]) is not None


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_only_ones_own_is_removed_and_twice_is_harmless(
    reader: Client, subscribed: Subscribed, headers: dict[str, str]
) -> None:
    mine, other = subscribed("phone"), subscribed("other", user=UserFactory())
    ids = {browser.name: row(browser).pk for browser in (mine, other)}
    for name in ("phone", "phone", "other"):
        url = f"/en/preferences/devices/{ids[name]}/remove/"
        assert reader.get(url).status_code == 405
        answer = reader.post(url, **headers)
        assert answer.status_code == (200 if headers else 302)
    assert row(mine) is None
    assert row(other) is not None


def test_the_settings_list_the_devices_and_say_which_failed(reader: Client, subscribed: Subscribed) -> None:
    page = reader.get("/en/preferences/").content.decode()
    assert "None of your phones or computers shows notifications yet." in page
    assert "You have not turned on notifications on any phone or computer." in page
    phone = subscribed("phone")
    assert "Chrome, Android" in reader.get("/en/preferences/").content.decode()
    PushSubscription.objects.filter(endpoint=phone.endpoint).update(failures=1)
    page = reader.get("/en/preferences/").content.decode()
    assert "The last notification did not arrive." in page
    assert phone.endpoint not in page


# Renewing --------------------------------------------------------------------------------------------------


def test_the_browser_renews_its_address_by_the_old_one(
    service: PushService, subscribed: Subscribed, thandi: User
) -> None:
    old, new = subscribed("old"), service.browser("new")
    for _ in range(2):
        answer = post(Client(), "/push/renew/", {"old": old.subscription, "new": new.subscription})
        assert answer.status_code == 204
    [device] = devices_of(thandi.pk)
    assert (device.endpoint, device.auth) == (new.endpoint, new.keys["auth"])


def test_who_does_not_know_the_old_secret_renews_nothing(
    service: PushService, subscribed: Subscribed
) -> None:
    old, thief = subscribed("old"), service.browser("thief")
    forged = {"endpoint": old.endpoint, "keys": thief.keys}
    assert post(Client(), "/push/renew/", {"old": forged, "new": thief.subscription}).status_code == 204
    elsewhere = {**thief.subscription, "endpoint": "https://evil.example/x"}
    assert post(Client(), "/push/renew/", {"old": old.subscription, "new": elsewhere}).status_code == 400
    assert post(Client(), "/push/renew/", {"old": old.subscription}).status_code == 400
    assert Client().get("/push/renew/").status_code == 405
    assert (device := row(old)) and device.auth == old.keys["auth"]


# Through the engine ----------------------------------------------------------------------------------------


def test_a_test_notice_goes_the_way_of_all_messages_and_the_reader_sees_what_became_of_it(
    reader: Client, subscribed: Subscribed, thandi: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone, dead = subscribed("phone"), subscribed("dead", status=410)
    monkeypatch.setattr(services, "spread", lambda done: None)
    assert reader.post("/en/preferences/devices/test/", **HTMX).status_code == 200
    assert deliver("push", now=timezone.now()).sent == 1
    assert [got["body"] for got in phone.got] == ["You have a message from your clinic"]
    assert row(dead) is None
    [delivery] = Delivery.objects.all()
    assert (delivery.state, delivery.provider, delivery.provider_id) == ("sent", "push", "1/2")
    [notification] = Notification.objects.all()
    assert not notification.in_inbox


def test_the_inbox_says_how_many_devices_took_it(
    reader: Client, subscribed: Subscribed, thandi: User
) -> None:
    subscribed("phone"), subscribed("dead", status=410)
    [id_] = NotificationService.send(users=[thandi], title="Hello", message="World")
    row = Notification.objects.get(pk=id_)
    lines = explain(row, row.deliveries.all(), now=timezone.now())
    assert "On its way to each device with notifications on." in {line.outcome for line in lines}
    deliver("push", now=timezone.now())
    page = reader.get(f"/en/inbox/{id_}/").content.decode()
    assert "Sent to 1 of 2 devices today at" in page
    [id_] = NotificationService.send(users=[thandi], title="Hello again", message="World")
    page = reader.get(f"/en/inbox/{id_}/").content.decode()
    assert "Not sent, because you had read it by then." in page
    PushSubscription.objects.all().delete()
    [id_] = NotificationService.send(users=[thandi], title="Hello", message="World")
    page = reader.get(f"/en/inbox/{id_}/").content.decode()
    assert "You have not turned on notifications on any phone or computer." in page


def test_when_the_service_is_down_the_message_waits_and_comes_once(
    subscribed: Subscribed, thandi: User
) -> None:
    phone = subscribed("phone", status=503, answer_headers={"Retry-After": "90"})
    NotificationService.send(users=[thandi], title="Hello", message="World")
    now = timezone.now()
    deliver("push", now=now)
    [delivery] = Delivery.objects.filter(channel="push")
    assert delivery.state == Delivery.State.RETRY
    assert now + timedelta(seconds=89) < delivery.due_at < now + timedelta(seconds=120)
    phone.status = 201
    assert deliver("push", now=delivery.due_at).sent == 1
    assert deliver("push", now=delivery.due_at + timedelta(hours=1)).taken == 0
    assert len(phone.got) == 1


def test_a_refused_message_is_not_sent_again(subscribed: Subscribed, thandi: User) -> None:
    phone = subscribed("phone", status=413)
    NotificationService.send(users=[thandi], title="Hello", message="World")
    deliver("push", now=timezone.now())
    [delivery] = Delivery.objects.filter(channel="push")
    assert (delivery.state, delivery.error) == ("failed", "The push service answered 413.")
    assert phone.calls == 1


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        (
            "Mozilla/5.0 (Linux; Android 14) SamsungBrowser/25.0 Chrome/121.0 Mobile Safari/537.36",
            "Samsung Internet, Android",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1",
            "Safari, iPhone",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
        ("curl/8", ""),
        ("", ""),
    ],
)
def test_a_device_has_a_name_that_its_owner_knows(user_agent: str, name: str) -> None:
    assert device_name(user_agent) == name
