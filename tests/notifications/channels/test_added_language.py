"""A language is a row in the settings, a file and a catalogue: nobody has heard of this one, and it goes each way."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from home.models import User
from notifications import registry
from notifications.channels import registry as channels
from notifications.channels.whatsapp.suggestions import add_missing
from notifications.models import (
    Delivery,
    InboundMessage,
    Notification,
    NotificationPreferences,
    WhatsAppTemplate,
)
from notifications.pipeline import insert, relevance
from notifications.pipeline.compose import compose
from notifications.pipeline.deliver import deliver
from notifications.quick_replies import types_answered_by
from notifications.replies.sms_replies import interpret_next
from notifications.rules.keywords import Command, command_of
from notifications.types import Reason, Recipient
from notifications.waiting_numbers import says_no, says_yes
from tests.factories import UserFactory
from tests.notifications.channels.push.conftest import Subscribed, service, subscribed
from tests.notifications.channels.push.push_service import PushService
from tests.notifications.channels.voice.recordings import record
from tests.notifications.conftest import NOW
from tests.notifications.languages.conftest import CODE, MARK, NAME, added, switch_on

pytestmark = pytest.mark.django_db
__all__ = ["added", "service", "subscribed", "switch_on"]

DOSE_DUE = "medication.dose_due"
WAYS = ("email", "push", "sms", "whatsapp", "voice")
REMINDER = f"{MARK} You have a reminder from your clinic"
NUMBER = "+27825550101"
_ids = count()


@pytest.fixture(autouse=True)
def _all_ways(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("notifications.gate._gates", [])
    monkeypatch.setattr(relevance, "_stale", lambda deliveries: {})
    settings.NOTIFICATION_CHANNELS = [
        f"notifications.channels.{way}.channel.{name}Channel"
        for way, name in zip(WAYS, ("Email", "Push", "Sms", "WhatsApp", "Voice"), strict=True)
    ]
    settings.SMS_PROVIDERS = settings.VOICE_PROVIDERS = ["file"]
    settings.WHATSAPP_PROVIDER = "file"
    for name in ("SMS_FILE_PATH", "VOICE_FILE_PATH", "WHATSAPP_FILE_PATH", "MEDIA_ROOT"):
        setattr(settings, name, tmp_path / name.lower())
    with time_machine.travel(NOW + timedelta(hours=4), tick=False):
        yield
    channels.outside.cache_clear()


@pytest.fixture
def thandi(db: None) -> User:
    user = UserFactory(phone=NUMBER, phone_verified_at=NOW, email_verified_at=NOW)
    NotificationPreferences.objects.create(
        user=user, language="af", message_language=CODE, voice_enabled=True
    )
    return user


def remind(user: User) -> Notification:
    event_type = registry.get(DOSE_DUE)
    params = {param.name: param.sample for param in event_type.params}
    told = Recipient(None, user.pk, params, dedupe_key="1", path="/today/")
    [id_] = insert.insert(
        compose(event_type, [told], now=timezone.now(), requested=frozenset({"in_app", *WAYS}))
    )
    for way in WAYS:
        deliver(way, now=timezone.now())
    return Notification.objects.get(pk=id_)


def the_file(folder: Path) -> str:
    [file] = folder.iterdir()
    return file.read_text(encoding="utf-8")


def write(text: str) -> InboundMessage:
    now = timezone.now()
    row = InboundMessage.objects.create(
        provider="twilio",
        provider_id=f"SM{next(_ids)}",
        sender=NUMBER,
        text=text,
        received_at=now,
        due_at=now,
    )
    interpret_next(now=now)
    row.refresh_from_db()
    return row


def test_it_goes_by_each_channel(
    added: Path,
    switch_on: Callable[..., None],
    settings: Any,
    service: PushService,
    subscribed: Subscribed,
    thandi: User,
) -> None:
    switch_on(CODE)
    phone = subscribed("phone")
    record("greeting", DOSE_DUE, language=CODE)
    add_missing()
    WhatsAppTemplate.objects.update(state=WhatsAppTemplate.State.APPROVED)

    message = remind(thandi)

    assert (message.language, message.title) == (CODE, REMINDER)
    states = dict(message.deliveries.values_list("channel", "state"))
    assert states == dict.fromkeys(WAYS, Delivery.State.SENT), list(
        message.deliveries.values("channel", "error")
    )

    [sent] = mail.outbox
    assert sent.subject == REMINDER
    assert sent.body.startswith(REMINDER)
    assert f"{MARK} Open in MedGuard" in sent.body, "the frame"
    assert f"{MARK} Taken" in sent.body, "the answers"
    assert f"{settings.BASE_URL}/en/today/" in sent.body, "pages are in another language"
    assert f"/{CODE}/" not in sent.body
    assert sent.extra_headers["Content-Language"] == CODE

    [shown] = phone.got
    assert (shown["body"], shown["lang"], shown["url"]) == (REMINDER, CODE, "/en/today/")
    assert shown["actions"][0]["title"] == f"{MARK} Taken"

    sms = the_file(settings.SMS_FILE_PATH)
    assert REMINDER in sms
    assert f"{MARK} Reply 1 done, 2 skip, 3 later." in sms or not settings.SMS_REPLIES

    whatsapp = the_file(settings.WHATSAPP_FILE_PATH)
    assert f"({CODE})" in whatsapp
    assert f"{REMINDER}." in whatsapp

    assert REMINDER in the_file(settings.VOICE_FILE_PATH)


def test_without_a_recording_nobody_is_called_in_it(
    added: Path, switch_on: Callable[..., None], thandi: User, service: PushService
) -> None:
    switch_on(CODE)
    message = remind(thandi)
    assert not message.deliveries.filter(channel="voice").exists()
    [why] = [each["reason"] for each in message.routing if each["channel"] == "voice"]
    assert why == Reason.NO_RECORDING


def test_what_people_write_in_it_is_understood_and_answered_in_it(
    added: Path, switch_on: Callable[..., None], thandi: User
) -> None:
    switch_on(CODE)
    assert types_answered_by("qdone") == [DOSE_DUE]
    assert says_yes("qyes") and says_no("qno")
    stopped = write("Qstop please")
    assert stopped.interpretation == InboundMessage.Interpretation.STOP
    assert stopped.reply.startswith(f"{MARK} You will get no more SMS")
    assert write("qgo").reply.startswith(f"{MARK} You will get SMS")
    assert command_of("qhelp") is Command.HELP


def test_where_it_is_off_the_answer_is_in_the_second_choice(added: Path, thandi: User) -> None:
    assert write("qstop").reply.startswith("U sal geen SMS")


def test_people_and_staff_can_choose_it(added: Path, client: Any, thandi: User) -> None:
    client.force_login(thandi)
    page = client.get("/en/preferences/").content.decode()
    assert f'<option value="{CODE}" selected>{NAME}</option>' in page
    NotificationPreferences.objects.update(message_language="")
    answer = client.post(
        "/en/preferences/",
        {"part": "language", "language": "en", "message_language": CODE, "timezone": "Africa/Johannesburg"},
    )
    assert answer.status_code == 302
    assert NotificationPreferences.objects.get().message_language == CODE
