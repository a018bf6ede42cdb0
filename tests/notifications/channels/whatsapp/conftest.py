from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from pytest_django import Settings

from notifications.channels import registry as channels
from notifications.models import WhatsAppTemplate
from tests.notifications.channels.counterpart import ACCOUNT, TOKEN
from tests.notifications.channels.whatsapp.provider import (
    ACCESS_TOKEN,
    APP_SECRET,
    NUMBER_ID,
    SENDER,
    VERIFY_TOKEN,
    Known,
    Server,
    running,
)

CHANNEL = "notifications.channels.whatsapp.channel.WhatsAppChannel"
ALL = [each for each in site.NOTIFICATION_CHANNELS if each != CHANNEL]


@pytest.fixture
def whatsapp(settings: Settings) -> Iterator[Server]:
    """WhatsApp by Meta, beside all other channels; well, and quick to be given up."""
    with running() as server:
        settings.NOTIFICATION_CHANNELS = [*ALL, CHANNEL]
        settings.WHATSAPP_PROVIDER = "meta"
        settings.WHATSAPP_URL = settings.TWILIO_URL = server.url
        settings.WHATSAPP_API_VERSION = "v25.0"
        settings.WHATSAPP_PHONE_NUMBER_ID = NUMBER_ID
        settings.WHATSAPP_ACCESS_TOKEN, settings.WHATSAPP_APP_SECRET = ACCESS_TOKEN, APP_SECRET
        settings.WHATSAPP_VERIFY_TOKEN = VERIFY_TOKEN
        settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = ACCOUNT, TOKEN
        settings.WHATSAPP_TWILIO_FROM = SENDER
        settings.BASE_URL = "https://clinic.example"
        settings.SMS_TIMEOUT = 5
        settings.SMS_PER_SECOND = {}
        yield server
    channels.outside.cache_clear()


@pytest.fixture
def by_twilio(whatsapp: Server, settings: Settings) -> Server:
    settings.WHATSAPP_PROVIDER = "twilio"
    return whatsapp


@pytest.fixture
def folder(whatsapp: Server, settings: Settings, tmp_path: Path) -> Path:
    """Where the file gateway writes."""
    settings.WHATSAPP_PROVIDER = "file"
    settings.WHATSAPP_FILE_PATH = tmp_path / "whatsapp"
    return settings.WHATSAPP_FILE_PATH


def approve(
    server: Server, event_type: str, body: str, *, buttons: int = 0, **fields: Any
) -> WhatsAppTemplate:
    """A template that is approved here and there."""
    language = fields.pop("language", "en")
    name = fields.pop("name", f"medguard_{event_type.replace('.', '_') or 'message'}")
    row = WhatsAppTemplate(
        event_type=event_type,
        language=language,
        name=name,
        body=body,
        buttons=buttons,
        state=WhatsAppTemplate.State.APPROVED,
        **fields,
    )
    row.full_clean()
    row.save()
    known = Known(len(row.parameters), buttons)
    server.provider.approved[(name, language)] = server.provider.approved[(name, "")] = known
    return row
