"""What the e-mail service reports of mail that came back: only what is signed, once, and only what is for good."""

import base64
import hashlib
import hmac
import json
import logging
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from notifications.channels.email.channel import EmailChannel
from notifications.channels.suppressions import address_retry, problem_of
from notifications.models import Suppression
from notifications.pipeline.due import read
from notifications.pipeline.relevance import withheld
from notifications.types import Reason
from tests.factories import UserFactory
from tests.notifications.factories import DeliveryFactory

pytestmark = pytest.mark.django_db

KEY = "a-signing-key-of-mailgun"
URL = "/mail/events/"


@pytest.fixture
def thandi() -> Any:
    return UserFactory(email="thandi@example.org")


@pytest.fixture
def mailgun(settings: Settings) -> None:
    settings.EMAIL_EVENTS_VIEW = "anymail.webhooks.mailgun.MailgunTrackingWebhookView"
    settings.ANYMAIL = {"MAILGUN_API_KEY": "key", "MAILGUN_WEBHOOK_SIGNING_KEY": KEY}


def mailgun_event(
    event: str = "failed",
    *,
    to: str = "thandi@example.org",
    token: str = "t1",  # noqa: S107 - it is in every report, for all to see
    key: str = KEY,
    **data: Any,
) -> dict[str, Any]:
    """As Mailgun's documentation shows it."""
    stamp = str(int(time.time()))
    signature = hmac.new(key.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    return {
        "signature": {"timestamp": stamp, "token": token, "signature": signature},
        "event-data": {
            "event": event,
            "timestamp": time.time(),
            "id": f"id-{token}",
            "severity": "permanent",
            "reason": "bounce",
            "recipient": to,
            "message": {"headers": {"message-id": "medguard-7@clinic.example"}},
            "delivery-status": {"code": 550, "message": "No such user", "description": ""},
            **data,
        },
    }


def report(client: Client, body: Any, **headers: Any) -> int:
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.post(URL, text, content_type="application/json", headers=headers).status_code


def open_problems() -> list[tuple[str, str]]:
    return list(Suppression.objects.filter(cleared_at=None).values_list("address", "reason"))


@pytest.mark.usefixtures("mailgun")
def test_a_hard_bounce_stops_further_mail_and_why_says_so(client: Client, thandi: Any) -> None:
    other = UserFactory()
    assert report(client, mailgun_event()) == 200
    assert open_problems() == [("thandi@example.org", "bounced")]
    channel = EmailChannel()
    assert channel.obstacles([thandi.pk, other.pk]) == {thandi.pk: Reason.BOUNCED}
    waiting = DeliveryFactory(channel="email", address="thandi@example.org", notification__recipient=thandi)
    assert withheld(read([waiting.pk]), now=timezone.now())[waiting.pk].reason == Reason.BOUNCED


@pytest.mark.usefixtures("mailgun")
def test_a_complaint_does_too(client: Client, thandi: Any) -> None:
    assert report(client, mailgun_event("complained", to="Thandi@Example.org")) == 200
    assert open_problems() == [("thandi@example.org", "complained")]


@pytest.mark.usefixtures("mailgun", "thandi")
@pytest.mark.parametrize(
    "event",
    [
        mailgun_event("delivered"),
        mailgun_event("opened"),
        mailgun_event(severity="temporary"),
        mailgun_event(reason="generic"),
    ],
)
def test_what_may_be_over_by_tomorrow_stops_nothing(client: Client, event: dict[str, Any]) -> None:
    assert report(client, event) == 200
    assert open_problems() == []


@pytest.mark.usefixtures("mailgun", "thandi")
def test_what_is_not_signed_changes_nothing_and_is_logged(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    unsigned = mailgun_event()
    del unsigned["signature"]
    with caplog.at_level(logging.INFO):
        assert report(client, unsigned) == 400
        assert report(client, mailgun_event(key="another")) == 400
        assert report(client, mailgun_event(token="t2", key="x")) == 400
    assert open_problems() == []
    said = [
        record.getMessage()
        for record in caplog.records
        if record.name == "notifications.channels.email.webhooks"
    ]
    assert said == ["A report about mail was refused: it isn't signed by the e-mail service."] * 3
    assert "thandi" not in caplog.text


@pytest.mark.usefixtures("mailgun", "thandi")
@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "null",
        b"\xff\xfe",
        json.dumps({**mailgun_event(), "event-data": {}}),
        json.dumps({**mailgun_event(), "event-data": None}),
        json.dumps({**mailgun_event(), "event-data": ["failed"]}),
    ],
)
def test_what_can_not_be_read_changes_nothing_and_is_logged(
    client: Client, caplog: pytest.LogCaptureFixture, body: str | bytes
) -> None:
    assert report(client, body) == 400
    assert open_problems() == []
    assert "report about mail" in caplog.text


@pytest.mark.usefixtures("mailgun", "thandi")
def test_forms_other_verbs_and_what_is_too_large_are_refused(client: Client) -> None:
    assert client.post(URL, {"event": "bounced"}).status_code == 400
    assert client.get(URL).status_code == 405
    assert report(client, "x" * 1_000_001) == 413


@pytest.mark.usefixtures("mailgun")
def test_what_is_replayed_changes_nothing(
    client: Client, thandi: Any, caplog: pytest.LogCaptureFixture
) -> None:
    UserFactory(email="pieter@example.org")
    event = mailgun_event()
    report(client, event)
    assert address_retry(user_id=thandi.pk, now=timezone.now() + timedelta(seconds=1))
    with caplog.at_level(logging.INFO):
        assert report(client, event) == 200
        # Only its time and token are signed: they may not be used for somebody else either.
        event["event-data"]["recipient"] = "pieter@example.org"
        assert report(client, event) == 200
    assert open_problems() == []
    assert caplog.text.count("says nothing new") == 2


@pytest.mark.usefixtures("mailgun")
def test_what_was_kept_back_for_days_changes_nothing(client: Client, thandi: Any) -> None:
    event = mailgun_event()
    with time_machine.travel(timezone.now() + timedelta(days=2), tick=False):
        assert report(client, event) == 200
    with time_machine.travel(timezone.now() - timedelta(minutes=6), tick=False):
        assert report(client, event) == 200
    assert open_problems() == []


@pytest.mark.usefixtures("mailgun")
def test_an_address_that_is_tried_again_and_fails_again_is_stopped_again(client: Client, thandi: Any) -> None:
    report(client, mailgun_event(token="t1"))
    address_retry(user_id=thandi.pk, now=timezone.now() - timedelta(seconds=5))
    assert problem_of(thandi.pk) is None
    report(client, mailgun_event(token="t2"))
    assert open_problems() == [("thandi@example.org", "bounced")]
    assert Suppression.objects.count() == 1


@pytest.mark.usefixtures("mailgun")
def test_an_address_of_nobody_is_not_kept(client: Client) -> None:
    assert report(client, mailgun_event(to="stranger@example.org")) == 200
    assert not Suppression.objects.exists()


def test_without_a_service_there_is_no_such_page(client: Client) -> None:
    assert report(client, mailgun_event()) == 404


POSTMARK = {"RecordType": "Bounce", "Type": "HardBounce", "ID": 42, "Email": "thandi@example.org"}


@pytest.mark.parametrize(
    ("kind", "password", "status", "stopped"),
    [
        ("HardBounce", "clinic:a-long-password", 200, True),
        ("SpamComplaint", "clinic:a-long-password", 200, True),
        ("SoftBounce", "clinic:a-long-password", 200, False),
        ("Transient", "clinic:a-long-password", 200, False),
        ("HardBounce", "clinic:another", 400, False),
        ("HardBounce", "", 400, False),
    ],
)
def test_a_service_that_does_not_sign_shows_the_password_it_was_given(
    client: Client, settings: Settings, thandi: Any, kind: str, password: str, status: int, stopped: bool
) -> None:
    settings.EMAIL_EVENTS_VIEW = "anymail.webhooks.postmark.PostmarkTrackingWebhookView"
    settings.ANYMAIL = {"WEBHOOK_SECRET": "clinic:a-long-password"}
    event = {**POSTMARK, "Type": kind, "BouncedAt": datetime.now(UTC).isoformat()}
    basic = base64.b64encode(password.encode()).decode()
    assert report(client, event, **({"Authorization": f"Basic {basic}"} if password else {})) == status
    assert bool(open_problems()) is stopped


def test_the_settings_say_so_and_have_it_tried_again(client: Client, thandi: Any) -> None:
    Suppression.objects.create(
        channel="email", address=thandi.email, reason="bounced", since=timezone.now() - timedelta(hours=1)
    )
    client.force_login(thandi)
    assert "E-mail to thandi@example.org came back" in client.get("/en/preferences/").content.decode()
    page = client.post("/en/preferences/", {"part": "address"}, follow=True).content.decode()
    assert "We will send e-mail to your address again." in page
    assert "came back" not in page
    assert open_problems() == []
