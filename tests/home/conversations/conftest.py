"""People who write to their clinics: by rows as the webhooks make them, dealt with as a worker does."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from home.models import Conversation, User
from notifications.models import InboundMessage
from notifications.pipeline.deliver import deliver
from notifications.pipeline.fan_out import fan_out
from notifications.replies.sms_replies import interpret_next, reply_next
from tests.factories import UserFactory
from tests.home.conftest import Cast

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=timezone.get_default_timezone())
NUMBER, STRANGER = "+27825550101", "+27825550199"
_ids = count()


@pytest.fixture(autouse=True)
def clock(settings: Settings, tmp_path: Path) -> Iterator[time_machine.Traveller]:
    cache.clear()
    settings.SMS_PROVIDERS = ["file"]
    settings.SMS_FILE_PATH = tmp_path
    settings.SMS_REPLIES = True
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def anna(cast: Cast) -> User:
    """Pieter's carer, with a confirmed number."""
    User.objects.filter(pk=cast.anna.pk).update(phone=NUMBER, phone_verified_at=NOW - timedelta(days=9))
    return User.objects.get(pk=cast.anna.pk)


def write(text: str, sender: str = NUMBER, *, at: datetime | None = None) -> InboundMessage:
    """It came in, was dealt with and replied to."""
    at = at or timezone.now()
    row = InboundMessage.objects.create(
        provider="file", provider_id=f"in-{next(_ids)}", sender=sender, text=text, received_at=at, due_at=at
    )
    while interpret_next(now=timezone.now()) or reply_next(now=timezone.now()):
        pass
    row.refresh_from_db()
    return row


def conversation(**fields: Any) -> Conversation:
    return Conversation.objects.get(**fields)


def send_all() -> None:
    while fan_out(now=timezone.now()).records:
        pass
    for channel in ("sms", "email"):
        while deliver(channel, now=timezone.now()).taken:
            pass


def sent_by_sms(folder: Path) -> list[str]:
    """Number and text of each, in their order."""
    found = [path.read_text().partition("\n\n") for path in sorted(folder.glob("*.txt"))]
    return [text.strip() for _head, _blank, text in found]


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=user.pk))
    return client


def somebody(number: str, **fields: Any) -> User:
    return UserFactory(phone=number, phone_verified_at=NOW - timedelta(days=9), **fields)
