"""Webhooks believe only what is signed or knows the secret, and are safe to repeat."""

import base64
import hashlib
import hmac
import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from notifications.models import Delivery, EarlyReceipt, InboundMessage
from notifications.pipeline.retention import INBOUND, INBOUND_TEXTS, clean_up, wipe_texts
from notifications.work.wakeups import Wakeup
from tests.notifications.channels.counterpart import TOKEN
from tests.notifications.channels.sms.conftest import SECRET
from tests.notifications.channels.sms.gateways import Server
from tests.notifications.factories import DeliveryFactory

pytestmark = pytest.mark.django_db

SENDER = "+27825550101"
RECEIVED = {
    "africastalking": {
        "id": "b1f0", "from": SENDER, "to": "22345", "text": "STOP", "date": "2026-11-24 08:00:00", "linkId": ""
    },
    "twilio": {
        "MessageSid": "SM1", "SmsSid": "SM1", "From": SENDER, "To": "+27105550100", "Body": "STOP", "NumMedia": "0"
    },
}  # fmt: skip


@pytest.fixture(autouse=True)
def _providers(server: Server) -> Server:
    return server


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """How often a worker was woken."""
    woken: list[Any] = []
    monkeypatch.setattr("notifications.channels.sms.webhooks.wake_on_commit", woken.append)
    return woken


def signed(url: str, form: dict[str, str], token: str = TOKEN) -> str:
    """Twilio's signature, as its documentation makes it."""
    text = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def call(provider: str, hook: str, form: dict[str, str], *, query: str | None = None, **headers: str) -> int:
    """Call one of our webhooks as the provider does; the status of the answer."""
    path = f"/sms/{provider}/{hook}/"
    if query is None and provider == "africastalking":
        query = f"key={SECRET}"
    path += f"?{query}" if query else ""
    if provider == "twilio":
        headers.setdefault("X-Twilio-Signature", signed(f"https://clinic.example{path}", form))
    return Client(enforce_csrf_checks=True).post(path, form, headers=headers).status_code


def sms_sent(provider: str = "twilio", provider_id: str = "SM7", **changes: Any) -> Delivery:
    return DeliveryFactory(
        channel="sms",
        address=SENDER,
        state=changes.pop("state", Delivery.State.SENT),
        provider=provider,
        provider_id=provider_id,
        sent_at=timezone.now(),
        finished_at=timezone.now(),
        **changes,
    )


def status_of(provider: str, provider_id: str, status: str, reason: str = "") -> dict[str, str]:
    if provider == "twilio":
        reason = {"ErrorCode": reason} if reason else {}
        return {
            "MessageSid": provider_id,
            "MessageStatus": status,
            "To": SENDER,
            "AccountSid": "AC0",
            **reason,
        }
    reason = {"failureReason": reason} if reason else {}
    return {"id": provider_id, "status": status, "phoneNumber": SENDER, "networkCode": "65501", **reason}


@pytest.mark.parametrize("provider", RECEIVED)
def test_a_message_that_came_in_is_kept_and_a_worker_woken(provider: str, queued: list[Any]) -> None:
    assert call(provider, "inbound", RECEIVED[provider]) == 204
    row = InboundMessage.objects.get()
    assert (row.provider, row.sender, row.text, row.state) == (provider, SENDER, "STOP", "pending")
    assert queued == [Wakeup.ANSWER_SMS]


@pytest.mark.parametrize("provider", RECEIVED)
def test_a_message_that_comes_again_is_the_same_message_and_the_log_says_so(
    provider: str, queued: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for _ in range(3):
        assert call(provider, "inbound", RECEIVED[provider]) == 204
    assert InboundMessage.objects.count() == 1
    assert queued == [Wakeup.ANSWER_SMS]
    assert caplog.messages == [f"A call for {provider} says nothing new; it changed nothing."] * 2


def test_a_receipt_that_comes_again_changes_nothing_and_the_log_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    row = sms_sent()
    call("twilio", "status", status_of("twilio", "SM7", "delivered"))
    row.refresh_from_db()
    arrived = row.delivered_at
    assert call("twilio", "status", status_of("twilio", "SM7", "delivered")) == 204
    row.refresh_from_db()
    assert row.delivered_at == arrived
    assert caplog.messages == ["A call for twilio says nothing new; it changed nothing."]


def test_twilio_may_spell_out_the_port_or_not(queued: list[Any]) -> None:
    form = RECEIVED["twilio"]
    for url in (
        "https://clinic.example:443/sms/twilio/inbound/",
        "https://clinic.example/sms/twilio/inbound/",
    ):
        assert call("twilio", "inbound", form, **{"X-Twilio-Signature": signed(url, form)}) == 204


FORGED = {
    "unsigned": {"X-Twilio-Signature": ""},
    "signed by somebody else": {
        "X-Twilio-Signature": signed(
            "https://clinic.example/sms/twilio/inbound/", RECEIVED["twilio"], token="another"
        )
    },
    "signed for another text": {
        "X-Twilio-Signature": signed(
            "https://clinic.example/sms/twilio/inbound/", {**RECEIVED["twilio"], "Body": "START"}
        )
    },
    "signed for another site": {
        "X-Twilio-Signature": signed("https://other.example/sms/twilio/inbound/", RECEIVED["twilio"])
    },
    "signed for another webhook": {
        "X-Twilio-Signature": signed("https://clinic.example/sms/twilio/status/", RECEIVED["twilio"])
    },
}


@pytest.mark.parametrize("headers", FORGED.values(), ids=FORGED.keys())
def test_what_twilio_did_not_sign_changes_nothing_and_is_logged_without_anybodys_number(
    headers: dict[str, str], queued: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    assert call("twilio", "inbound", RECEIVED["twilio"], **headers) == 403
    assert not InboundMessage.objects.exists() and not queued
    assert "A call for twilio isn't signed by it" in caplog.text
    assert SENDER not in caplog.text and "STOP" not in caplog.text


@pytest.mark.parametrize("query", ["", "key=", "key=wrong", f"key={SECRET[:-1]}", f"secret={SECRET}"])
def test_who_does_not_know_the_secret_is_not_africas_talking(query: str, queued: list[Any]) -> None:
    assert call("africastalking", "inbound", RECEIVED["africastalking"], query=query) == 403
    assert not InboundMessage.objects.exists() and not queued


def test_without_a_secret_of_ours_nobody_is_believed(settings: Settings, queued: list[Any]) -> None:
    settings.AFRICASTALKING_WEBHOOK_SECRET = settings.TWILIO_AUTH_TOKEN = ""
    assert call("africastalking", "inbound", RECEIVED["africastalking"], query="key=") == 403
    form = RECEIVED["twilio"]
    empty = signed("https://clinic.example/sms/twilio/inbound/", form, token="")
    assert call("twilio", "inbound", form, **{"X-Twilio-Signature": empty}) == 403
    assert call("file", "inbound", form) == 403
    assert call("pigeons", "inbound", form) == 403
    assert not InboundMessage.objects.exists()


MALFORMED = {
    "nothing": {},
    "no id": {"from": SENDER, "text": "STOP"},
    "an empty id": {"id": "", "from": SENDER, "text": "STOP"},
    "no sender": {"id": "1", "text": "STOP"},
    "NUL": {"id": "1", "from": SENDER, "text": "ST\0OP"},
    "an endless id": {"id": "1" * 300, "from": SENDER, "text": "STOP"},
    "an endless text": {"id": "1", "from": SENDER, "text": "a" * 5001},
    "a sender that is a novel": {"id": "1", "from": "a" * 41, "text": "STOP"},
}


@pytest.mark.parametrize("form", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_malformed_is_400_and_changes_nothing(form: dict[str, str], queued: list[Any]) -> None:
    assert call("africastalking", "inbound", form) == 400
    assert not InboundMessage.objects.exists() and not queued


def test_a_body_that_is_no_form_is_400() -> None:
    path = f"/sms/africastalking/inbound/?key={SECRET}"
    assert Client().post(path, json.dumps(RECEIVED), content_type="application/json").status_code == 400
    assert (
        Client().post(path, b"\xff\xfe%%%", content_type="application/x-www-form-urlencoded").status_code
        == 400
    )
    broken = "multipart/form-data; boundary=x"
    assert Client().post(path, b"--x\r\nnot a part", content_type=broken).status_code == 400
    assert Client().get(path).status_code == 405


def test_a_body_that_is_too_large_is_413_before_anybody_looks_into_it() -> None:
    path = "/sms/africastalking/inbound/"
    answer = Client().post(path, b"a" * 70_000, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 413


def test_a_sender_that_is_no_number_is_kept_as_it_is(queued: list[Any]) -> None:
    assert call("africastalking", "inbound", {**RECEIVED["africastalking"], "from": "Vodacom"}) == 204
    assert InboundMessage.objects.get().sender == "Vodacom"


RECEIPTS = [
    ("twilio", "delivered", "", "delivered"),
    ("twilio", "undelivered", "30005", "failed"),
    ("twilio", "failed", "30008", "failed"),
    ("twilio", "sent", "", "sent"),
    ("twilio", "queued", "", "sent"),
    ("africastalking", "Success", "", "delivered"),
    ("africastalking", "Failed", "UserIsInactive", "failed"),
    ("africastalking", "Rejected", "", "failed"),
    ("twilio", "canceled", "", "failed"),
    ("twilio", "partially_delivered", "", "sent"),
    ("africastalking", "Rejected", "UserInBlackList", "failed"),
    ("africastalking", "Expired", "", "retry"),
    ("africastalking", "AbsentSubscriber", "", "retry"),
    ("africastalking", "Failed", "AbsentSubscriber", "retry"),
    ("twilio", "failed", "30001", "retry"),
    ("twilio", "undelivered", "30003", "retry"),
    ("twilio", "undelivered", "30017", "retry"),
    ("twilio", "undelivered", "30410", "failed"),
    ("africastalking", "Sent", "", "sent"),
    ("africastalking", "Submitted", "", "sent"),
    ("africastalking", "Buffered", "", "sent"),
]


@pytest.mark.parametrize(("provider", "status", "reason", "state"), RECEIPTS)
def test_a_receipt_says_what_became_of_a_message(provider: str, status: str, reason: str, state: str) -> None:
    row = sms_sent(provider)
    other = sms_sent(provider, "SM8")
    for _ in range(2):
        assert call(provider, "status", status_of(provider, "SM7", status, reason)) == 204
    row.refresh_from_db()
    other.refresh_from_db()
    assert (row.state, other.state) == (state, "sent")
    assert (row.delivered_at is not None) == (state == "delivered")
    assert (reason or status) in row.error if state in ("failed", "retry") else row.error == ""


@pytest.mark.parametrize("last", ["sent", "queued", "failed", "undelivered"])
def test_what_has_arrived_has_arrived(last: str) -> None:
    row = sms_sent()
    for status in ("sent", "delivered", last):
        assert call("twilio", "status", status_of("twilio", "SM7", status)) == 204
    row.refresh_from_db()
    assert (row.state, row.error) == ("delivered", "")


def test_what_seemed_lost_may_still_arrive() -> None:
    row = sms_sent()
    for status in ("undelivered", "delivered"):
        call("twilio", "status", status_of("twilio", "SM7", status))
    row.refresh_from_db()
    assert (row.state, row.error) == ("delivered", "")


@pytest.mark.parametrize("state", ["pending", "sending", "expired", "cancelled"])
@pytest.mark.parametrize("status", ["delivered", "failed"])
def test_a_receipt_takes_nothing_out_of_a_workers_hands(state: str, status: str) -> None:
    row = sms_sent(state=state)
    assert call("twilio", "status", status_of("twilio", "SM7", status)) == 204
    row.refresh_from_db()
    assert row.state == state


def test_the_receipt_of_one_provider_says_nothing_of_anothers_message() -> None:
    row = sms_sent("africastalking", "SM7")
    mail = DeliveryFactory(channel="email", provider="twilio", provider_id="SM7", state="sent")
    assert call("twilio", "status", status_of("twilio", "SM7", "failed")) == 204
    for each in (row, mail):
        each.refresh_from_db()
        assert each.state == "sent"


@pytest.mark.parametrize("provider", RECEIVED)
@pytest.mark.parametrize(("provider_id", "status"), [("SM7", ""), ("SM7", "delivered\0"), ("", "delivered")])
def test_a_malformed_receipt_changes_nothing(provider: str, provider_id: str, status: str) -> None:
    row = sms_sent(provider)
    assert call(provider, "status", status_of(provider, provider_id, status)) == 400
    row.refresh_from_db()
    assert row.state == "sent"
    assert not EarlyReceipt.objects.exists()


@pytest.mark.parametrize("provider", RECEIVED)
@pytest.mark.parametrize(
    ("status", "named"), [("vanished", "vanished"), ("to +27825550101", "(not a word)"), ("x" * 41, None)]
)
def test_a_state_that_is_not_documented_is_logged_by_its_name_and_changes_nothing(
    provider: str, status: str, named: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    row = sms_sent(provider)
    assert call(provider, "status", status_of(provider, "SM7", status)) == (204 if named else 400)
    row.refresh_from_db()
    assert row.state == "sent"
    assert not EarlyReceipt.objects.exists()
    if named:
        assert caplog.messages == [f"A state of {provider} is unknown: {named}. It changed nothing."]


def test_a_forged_receipt_changes_nothing() -> None:
    row = sms_sent()
    form = status_of("twilio", "SM7", "failed")
    assert call("twilio", "status", form, **{"X-Twilio-Signature": "forged"}) == 403
    row.refresh_from_db()
    assert row.state == "sent"


def test_texts_go_after_a_month_and_rows_after_a_year_so_that_a_replay_stays_one(queued: list[Any]) -> None:
    call("twilio", "inbound", RECEIVED["twilio"])
    now = timezone.now()
    wipe_texts(now=now + INBOUND_TEXTS - timedelta(hours=1))
    assert InboundMessage.objects.get().text == "STOP"
    wipe_texts(now=now + INBOUND_TEXTS)
    row = InboundMessage.objects.get()
    assert (row.sender, row.text, row.reply, row.provider_id) == ("", "", "", "SM1")
    call("twilio", "inbound", RECEIVED["twilio"])
    assert InboundMessage.objects.count() == 1
    assert clean_up(now=now + INBOUND)["sms"] == 1
