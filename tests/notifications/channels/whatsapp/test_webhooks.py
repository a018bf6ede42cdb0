"""The webhook believes only what is signed, takes what is good of a call, and is safe to repeat."""

import json
import logging
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from notifications.channels.whatsapp.templates import Chosen
from notifications.models import (
    Delivery,
    InboundMessage,
    NotificationPreferences,
    WhatsAppRefusal,
    WhatsAppTemplate,
)
from notifications.preferences.opt_outs import opt_outs
from notifications.preferences.settings import preferences_update
from notifications.replies.sms_replies import interpret_next
from notifications.work.wakeups import Wakeup
from tests.factories import UserFactory
from tests.notifications.channels.whatsapp.conftest import approve
from tests.notifications.channels.whatsapp.provider import (
    SENDER,
    VERIFY_TOKEN,
    Server,
    call_of,
    signed,
    status_of,
    tap_from,
    text_from,
    twilio_signed,
)
from tests.notifications.factories import DeliveryFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("whatsapp")]

NUMBER = "+27825550101"
META, TWILIO = "/whatsapp/meta/", "/whatsapp/twilio/"
RECEIVED = {
    "MessageSid": "SM1", "From": f"whatsapp:{NUMBER}", "To": f"whatsapp:{SENDER}", "Body": "STOP", "NumMedia": "0",
    "WaId": NUMBER[1:], "ProfileName": "Zanele",
}  # fmt: skip


@pytest.fixture(autouse=True)
def woken(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """How often a worker was woken."""
    woken: list[Any] = []
    monkeypatch.setattr("notifications.channels.whatsapp.webhooks.wake_on_commit", woken.append)
    return woken


def call(body: Any, *, signature: str | None = None) -> int:
    """Call the webhook as Meta does; the status of the answer."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"X-Hub-Signature-256": signed(raw) if signature is None else signature}
    client = Client(enforce_csrf_checks=True)
    return client.post(META, raw, content_type="application/json", headers=headers).status_code


def call_twilio(form: dict[str, str], *, signature: str | None = None) -> int:
    mine = twilio_signed(f"https://clinic.example{TWILIO}", form)
    headers = {"X-Twilio-Signature": mine if signature is None else signature}
    return Client(enforce_csrf_checks=True).post(TWILIO, form, headers=headers).status_code


def sent(provider_id: str = "wamid.7", provider: str = "meta", **changes: Any) -> Delivery:
    row: Delivery = DeliveryFactory(
        channel="whatsapp", address=NUMBER, state=changes.pop("state", "sent"), provider=provider,
        provider_id=provider_id, sent_at=timezone.now(), finished_at=timezone.now(), **changes,
    )  # fmt: skip
    return row


def after(row: Any) -> Any:
    row.refresh_from_db()
    return row


def kept() -> list[tuple[str, str]]:
    return [(row.sender, row.text) for row in InboundMessage.objects.order_by("pk")]


class TestAddress:
    def test_meta_learns_that_it_is_ours(self) -> None:
        asked = {"hub.mode": "subscribe", "hub.verify_token": VERIFY_TOKEN, "hub.challenge": "1158201444"}
        answer = Client().get(META, asked)
        assert (answer.status_code, answer.content) == (200, b"1158201444")
        assert answer["Content-Type"].startswith("text/plain")

    @pytest.mark.parametrize(
        "wrong", [{"hub.verify_token": "guessed"}, {"hub.mode": "unsubscribe"}, {"hub.verify_token": ""}]
    )
    def test_nobody_else_does(self, wrong: dict[str, str]) -> None:
        asked = {"hub.mode": "subscribe", "hub.verify_token": VERIFY_TOKEN, "hub.challenge": "1", **wrong}
        assert Client().get(META, asked).status_code == 403

    def test_without_a_token_of_ours_nobody_does(self, settings: Settings) -> None:
        settings.WHATSAPP_VERIFY_TOKEN = ""
        asked = {"hub.mode": "subscribe", "hub.verify_token": "", "hub.challenge": "1"}
        assert Client().get(META, asked).status_code == 403

    @pytest.mark.parametrize("path", [TWILIO, "/whatsapp/file/", "/whatsapp/pigeons/"])
    def test_no_other_provider_asks(self, path: str) -> None:
        assert Client().get(path).status_code == 403
        assert Client().post(path, {"MessageSid": "SM1"}).status_code == 403


class TestSignature:
    @pytest.mark.parametrize("signature", ["", "sha256=", "sha256=" + "0" * 64, signed(b"{}")])
    def test_what_meta_did_not_sign_changes_nothing(
        self, signature: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        assert call(call_of(messages=[text_from(NUMBER, "STOP")]), signature=signature) == 403
        assert not kept()
        assert caplog.messages[0] == "A call for meta isn't signed by it; it changed nothing."

    def test_without_a_secret_nothing_is_believed(self, settings: Settings) -> None:
        settings.WHATSAPP_APP_SECRET = ""
        body = json.dumps(call_of(messages=[text_from(NUMBER, "STOP")])).encode()
        assert call(body, signature=signed(body, "")) == 403

    @pytest.mark.parametrize("signature", ["", "bm8="])
    def test_what_twilio_did_not_sign_changes_nothing(self, signature: str) -> None:
        assert call_twilio(RECEIVED, signature=signature) == 403
        assert not kept()

    def test_what_is_too_large_is_refused(self) -> None:
        assert call(b"x" * 2_000_001) == 413
        assert call_twilio({**RECEIVED, "Body": "x" * 70_000}) == 413

    @pytest.mark.parametrize(
        "body", [b"", b"[]", b"{}", b'{"entry": 1}', b'{"entry": [{}]}', b"\xff", b"[" * 100_000]
    )
    def test_what_cannot_be_read_is_malformed(self, body: bytes) -> None:
        assert call(body) == 400


class TestMessages:
    def test_a_text_is_kept_and_a_worker_woken(self, woken: list[Any]) -> None:
        assert call(call_of(messages=[text_from(NUMBER, "STOP")])) == 200
        row = InboundMessage.objects.get()
        assert (row.channel, row.provider, row.provider_id) == ("whatsapp", "meta", "wamid.in1")
        assert (row.sender, row.text, row.state) == (NUMBER, "STOP", "pending")
        assert woken == [Wakeup.ANSWER_SMS]

    def test_one_that_comes_again_is_the_same(
        self, woken: list[Any], caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO)
        for _ in range(3):
            assert call(call_of(messages=[text_from(NUMBER, "STOP")])) == 200
        assert len(kept()) == len(woken) == 1
        assert caplog.messages == ["A part of a call for meta says nothing new; it changed nothing."] * 2

    def test_several_come_in_one_call(self) -> None:
        first = call_of(messages=[text_from(NUMBER, "a"), text_from("+27825550102", "b", id_="wamid.in2")])
        second = call_of(messages=[text_from(NUMBER, "c", id_="wamid.in3")])
        first["entry"] += second["entry"]
        assert call(first) == 200
        assert [text for _sender, text in kept()] == ["a", "b", "c"]

    @pytest.mark.parametrize(
        "bad",
        [
            {},
            None,
            "text",
            {"id": "wamid.x", "from": "27825550101", "type": "text"},
            {"id": "wamid.x", "from": "27825550101", "type": "text", "text": {"body": "a\0b"}},
            {"id": "x" * 201, "from": "27825550101", "type": "text", "text": {"body": "a"}},
            {"id": 7, "from": "27825550101", "type": "text", "text": {"body": "a"}},
            {"id": "wamid.x", "from": ["+27"], "type": "text", "text": {"body": "a"}},
            {"id": "wamid.x", "from": "27825550101", "type": "interactive"},
        ],
    )
    def test_a_bad_one_takes_no_others_with_it(self, bad: Any, caplog: pytest.LogCaptureFixture) -> None:
        good = [text_from(NUMBER, "a"), text_from(NUMBER, "b", id_="wamid.in2")]
        row = sent()
        assert (
            call(call_of(messages=[good[0], bad, good[1]], statuses=[bad, status_of("wamid.7", "read")]))
            == 200
        )
        assert [text for _sender, text in kept()] == ["a", "b"]
        assert after(row).read_at
        assert "A part of a call for meta is malformed" in caplog.text
        assert NUMBER[1:] not in caplog.text

    def test_one_that_breaks_our_code_takes_no_others_with_it(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        def owner_of(number: str) -> None:
            if number == NUMBER:
                raise LookupError

        monkeypatch.setattr("notifications.channels.whatsapp.webhooks.owner_of", owner_of)
        messages = [text_from(NUMBER, "a"), text_from("+27825550102", "b", id_="wamid.in2")]
        assert call(call_of(messages=messages)) == 200
        assert ("+27825550102", "b") in kept()
        assert "A part of a call for meta failed." in caplog.messages

    def test_those_of_another_number_of_the_account_are_not_ours(self) -> None:
        assert call(call_of(number_id="1", messages=[text_from(NUMBER, "a")])) == 200
        assert not kept()

    @pytest.mark.parametrize(
        ("message", "text"),
        [
            ({"type": "image", "image": {"id": "1", "mime_type": "image/jpeg"}}, "[image]"),
            ({"type": "image", "image": {"id": "1", "caption": "my foot"}}, "my foot"),
            ({"type": "audio", "audio": {"id": "1", "voice": True}}, "[audio]"),
            ({"type": "location", "location": {"latitude": -33.9, "longitude": 18.4}}, "[location]"),
            ({"type": "unsupported", "errors": [{"code": 131051}]}, "[unsupported]"),
            ({"type": "reaction", "reaction": {"message_id": "wamid.1", "emoji": "👍"}}, "[reaction]"),
        ],
    )
    def test_what_is_not_text_is_kept_as_such(self, message: dict[str, Any], text: str) -> None:
        call(call_of(messages=[{"from": NUMBER[1:], "id": "wamid.in1", "timestamp": "1", **message}]))
        assert kept() == [(NUMBER, text)]

    def test_that_a_number_changed_is_no_message(self) -> None:
        call(
            call_of(
                messages=[{"from": NUMBER[1:], "id": "wamid.in1", "type": "system", "system": {"body": "…"}}]
            )
        )
        assert not kept()

    def test_a_tapped_button_says_which_and_under_which_message(self) -> None:
        call(call_of(messages=[tap_from(NUMBER, "Taken", "1:taken:abc", answers="wamid.7")]))
        row = InboundMessage.objects.get()
        assert (row.text, row.button, row.in_reply_to) == ("Taken", "1:taken:abc", "wamid.7")

    def test_a_button_of_a_message_in_the_window_too(self) -> None:
        tapped = {"type": "button_reply", "button_reply": {"id": "1:later:abc", "title": "Later"}}
        message = {"from": NUMBER[1:], "id": "wamid.in1", "type": "interactive", "interactive": tapped}
        call(call_of(messages=[message]))
        row = InboundMessage.objects.get()
        assert (row.text, row.button) == ("Later", "1:later:abc")

    def test_what_comes_by_twilio_is_kept_alike(self, woken: list[Any]) -> None:
        for _ in range(2):
            assert call_twilio(RECEIVED) == 200
        row = InboundMessage.objects.get()
        assert (row.channel, row.provider, row.sender, row.text) == ("whatsapp", "twilio", NUMBER, "STOP")
        assert woken == [Wakeup.ANSWER_SMS]

    def test_a_button_and_a_picture_by_twilio(self) -> None:
        tap = {
            "Body": "Taken",
            "ButtonText": "Taken",
            "ButtonPayload": "taken",
            "OriginalRepliedMessageSid": "SM7",
        }
        call_twilio({**RECEIVED, **tap})
        call_twilio({**RECEIVED, "MessageSid": "SM2", "Body": "", "MediaContentType0": "image/jpeg"})
        call_twilio({**RECEIVED, "MessageSid": "SM3", "Body": "", "Latitude": "-33.9"})
        first, second, third = InboundMessage.objects.order_by("pk")
        assert (first.text, first.button, first.in_reply_to) == ("Taken", "taken", "SM7")
        assert (second.text, third.text) == ("[image]", "[other]")

    def test_who_writes_from_there_is_there(self) -> None:
        zanele = UserFactory(phone=NUMBER)
        WhatsAppRefusal.objects.create(user=zanele, number=NUMBER, until=timezone.now())
        call(call_of(messages=[text_from(NUMBER, "hello")]))
        assert not WhatsAppRefusal.objects.exists()


class TestStatuses:
    @pytest.mark.parametrize(
        ("status", "state"), [("delivered", "delivered"), ("read", "delivered"), ("sent", "sent")]
    )
    def test_what_became_of_a_message(self, status: str, state: str) -> None:
        row = sent()
        assert call(call_of(statuses=[status_of("wamid.7", status)])) == 200
        assert after(row).state == state
        assert bool(row.read_at) == (status == "read")

    def test_the_order_does_not_matter(self) -> None:
        row = sent()
        for status in ("read", "delivered", "sent", "failed"):
            call(call_of(statuses=[status_of("wamid.7", status)]))
        assert after(row).state == "delivered" and row.read_at

    def test_an_unknown_one_is_logged_by_name_and_changes_nothing(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        row = sent()
        assert call(call_of(statuses=[status_of("wamid.7", "teleported")])) == 200
        assert after(row).state == "sent"
        assert caplog.messages == ["A state of meta is unknown: teleported. It changed nothing."]

    def test_a_number_that_is_not_there_is_remembered(self) -> None:
        row = sent()
        for _ in range(2):
            call(call_of(statuses=[status_of("wamid.7", "failed", code=131026)]))
        assert after(row).state == "failed" and "131026" in row.error
        refusal = WhatsAppRefusal.objects.get()
        assert (refusal.user_id, refusal.number) == (row.notification.recipient_id, NUMBER)

    def test_who_stopped_there_has_it_off_here_until_they_start_it(self) -> None:
        row = sent()
        user_id = row.notification.recipient_id
        call(call_of(statuses=[status_of("wamid.7", "failed", code=131050)]))
        assert not NotificationPreferences.objects.get(user=user_id).whatsapp_enabled
        assert [(each.channel, each.provider) for each in opt_outs(user_id)] == [("whatsapp", "meta")]
        preferences_update(user_id=user_id, changes={"whatsapp_enabled": True}, now=timezone.now())
        assert not opt_outs(user_id)

    def test_what_is_said_late_of_the_time_before_a_start_counts_for_nothing(self) -> None:
        user = UserFactory(phone=NUMBER)
        row = sent(notification__recipient=user)
        Delivery.objects.filter(pk=row.pk).update(sent_at=timezone.now() - timedelta(hours=1))
        call(call_of(messages=[text_from(NUMBER, "START")]))
        interpret_next(now=timezone.now())
        call(call_of(statuses=[status_of("wamid.7", "failed", code=131050)]))
        assert NotificationPreferences.objects.get(user=user).whatsapp_enabled and not opt_outs(user.pk)

    @pytest.mark.parametrize(
        ("code", "state"),
        [
            (130429, "retry"),
            (131016, "retry"),
            (131056, "retry"),
            (131042, "retry"),
            (131047, "failed"),
            (7, "failed"),
        ],
    )
    def test_what_failed_for_the_moment_is_sent_once_more(self, code: int, state: str) -> None:
        row = sent()
        call(call_of(statuses=[status_of("wamid.7", "failed", code=code)]))
        assert after(row).state == state and str(code) in row.error

    @pytest.mark.parametrize(("code", "state"), [("63018", "retry"), ("63016", "failed"), ("", "failed")])
    def test_and_by_twilio(self, code: str, state: str) -> None:
        row = sent("SM8", "twilio")
        call_twilio({"MessageSid": "SM8", "MessageStatus": "failed", "ErrorCode": code})
        assert after(row).state == state

    def test_a_template_that_is_paused_is_marked(self, whatsapp: Server) -> None:
        template = approve(whatsapp, "", "You have a message from your clinic.")
        sent(subject=str(Chosen(template.name, "en")))
        call(call_of(statuses=[status_of("wamid.7", "failed", code=132015)]))
        assert after(template).state == "paused"

    def test_by_twilio(self) -> None:
        row = sent("SM7", "twilio")
        status = {
            "MessageSid": "SM7",
            "MessageStatus": "read",
            "From": f"whatsapp:{SENDER}",
            "To": f"whatsapp:{NUMBER}",
        }
        assert call_twilio(status) == 200
        assert after(row).read_at
        failed = sent("SM8", "twilio")
        call_twilio({**status, "MessageSid": "SM8", "MessageStatus": "undelivered", "ErrorCode": "63024"})
        assert after(failed).state == "failed"
        assert WhatsAppRefusal.objects.get().user_id == failed.notification.recipient_id


class TestTemplates:
    @pytest.mark.parametrize(
        ("event", "state"),
        [
            ("APPROVED", "approved"),
            ("PAUSED", "paused"),
            ("REJECTED", "rejected"),
            ("DISABLED", "rejected"),
            ("PENDING", "pending"),
        ],
    )
    def test_meta_says_what_it_thinks_of_one(self, whatsapp: Server, event: str, state: str) -> None:
        row = approve(whatsapp, "", "You have a message from your clinic.")
        WhatsAppTemplate.objects.update(state="pending" if event == "APPROVED" else "approved")
        assert call(judged(event)) == 200
        assert (after(row).state, row.problem) == (state, "" if state == "approved" else "INVALID_FORMAT")

    def test_one_that_is_only_warned_of_stays(self, whatsapp: Server) -> None:
        row = approve(whatsapp, "", "You have a message from your clinic.")
        assert call(judged("FLAGGED")) == 200
        assert after(row).state == "approved"


def judged(event: str) -> dict[str, Any]:
    value = {
        "event": event, "message_template_id": 1689556908129832, "message_template_name": "medguard_message",
        "message_template_language": "en", "reason": "NONE" if event == "APPROVED" else "INVALID_FORMAT",
    }  # fmt: skip
    change = {"value": value, "field": "message_template_status_update"}
    return {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}
