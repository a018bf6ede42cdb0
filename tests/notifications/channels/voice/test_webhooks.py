"""The webhooks of calls believe only what is signed or knows the secret."""

import logging
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from notifications.models import Delivery, NotificationPreferences
from tests.factories import UserFactory
from tests.notifications.channels.voice.providers import SECRET, SITE, Server, signed
from tests.notifications.factories import DeliveryFactory, NotificationPreferencesFactory

pytestmark = pytest.mark.django_db

QUERY = {"twilio": "call=medguard-1", "africastalking": f"key={SECRET}"}
OVER = {
    "twilio": {"CallSid": "CA1", "CallStatus": "busy", "To": "+27825550101"},
    "africastalking": {"sessionId": "CA1", "isActive": "0", "hangupCause": "USER_BUSY"},
}
STOP = {
    "twilio": {"CallSid": "CA1", "CallStatus": "in-progress", "Digits": "0"},
    "africastalking": {"sessionId": "CA1", "isActive": "1", "dtmfDigits": "0"},
}


@pytest.fixture(autouse=True)
def _providers(server: Server) -> Server:
    return server


@pytest.fixture(params=["twilio", "africastalking"])
def call_of(request: Any) -> Delivery:
    user = UserFactory(phone="+27825550101")
    NotificationPreferencesFactory(user=user, voice_enabled=True)
    return DeliveryFactory(
        notification__recipient=user,
        channel="voice",
        state=Delivery.State.SENT,
        provider=request.param,
        provider_id="CA1",
        sent_at=timezone.now(),
        finished_at=timezone.now(),
    )


def post(provider: str, form: dict[str, str], query: str, **headers: str) -> Any:
    path = f"/voice/{provider}/?{query}"
    if provider == "twilio":
        headers.setdefault("X-Twilio-Signature", signed(f"{SITE}{path}", form))
    return Client(enforce_csrf_checks=True).post(path, form, headers=headers)


def changed(row: Delivery) -> bool:
    row.refresh_from_db()
    wants = NotificationPreferences.objects.get(user=row.notification.recipient).voice_enabled
    return row.state != Delivery.State.SENT or not wants


@pytest.mark.parametrize("forms", [OVER, STOP], ids=["over", "stop"])
def test_what_is_genuine_counts(call_of: Delivery, forms: dict[str, dict[str, str]]) -> None:
    provider = call_of.provider
    query = f"{QUERY[provider]}&at=0" if forms is STOP else QUERY[provider]
    assert post(provider, forms[provider], query).status_code in (200, 204)
    assert changed(call_of)


@pytest.mark.parametrize("forms", [OVER, STOP], ids=["over", "stop"])
def test_what_is_not_signed_changes_nothing_and_is_logged_without_anybodys_name(
    call_of: Delivery, forms: dict[str, dict[str, str]], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    provider = call_of.provider
    forged = {"X-Twilio-Signature": "forged"} if provider == "twilio" else {}
    query = "call=medguard-1&at=0&key=guessed"
    assert post(provider, forms[provider], query, **forged).status_code == 403
    assert not changed(call_of)
    assert f"A call for {provider} isn't signed by it; it changed nothing." in caplog.messages
    assert "27825550101" not in caplog.text


def test_a_signature_of_another_place_in_the_call_counts_for_nothing(call_of: Delivery) -> None:
    if call_of.provider == "africastalking":
        return
    form = STOP["twilio"]
    elsewhere = signed(f"{SITE}/voice/twilio/?call=medguard-1&at=1", form)
    answer = post("twilio", form, "call=medguard-1&at=0", **{"X-Twilio-Signature": elsewhere})
    assert answer.status_code == 403 and not changed(call_of)


@pytest.mark.parametrize("provider", ["file", "vonage"])
def test_nobody_else_is_believed(provider: str) -> None:
    assert post(provider, OVER["twilio"], "call=medguard-1").status_code == 403


def test_a_malformed_or_huge_one_changes_nothing(call_of: Delivery) -> None:
    provider = call_of.provider
    broken = {**OVER[provider], "CallStatus": "dreaming", "isActive": "7"}
    assert post(provider, broken, QUERY[provider]).status_code == 400
    huge = {**OVER[provider], "more": "x" * 70_000}
    assert post(provider, huge, QUERY[provider]).status_code == 413
    assert not changed(call_of)


def test_a_call_that_nobody_knows_is_hung_up(call_of: Delivery) -> None:
    provider = call_of.provider
    for form in (STOP[provider], OVER[provider]):
        unknown = {**form, "CallSid": "CA9", "sessionId": "CA9"}
        answer = post(provider, unknown, f"{QUERY[provider]}&at=3")
        assert answer.status_code in (200, 204)
        assert b"Gather" not in answer.content and b"GetDigits" not in answer.content
    assert not changed(call_of)


def test_a_place_that_the_call_does_not_have_is_hung_up(call_of: Delivery) -> None:
    provider = call_of.provider
    answer = post(provider, {**STOP[provider], "Digits": "9", "dtmfDigits": "9"}, f"{QUERY[provider]}&at=7")
    assert answer.status_code == 200 and b"Gather" not in answer.content
    assert not changed(call_of)


def test_only_a_post_is_a_call() -> None:
    assert Client().get("/voice/twilio/").status_code == 405
