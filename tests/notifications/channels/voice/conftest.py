from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as site
from pytest_django import Settings

from tests.notifications.channels.counterpart import ACCOUNT, TOKEN
from tests.notifications.channels.sms.gateways import API_KEY, USERNAME
from tests.notifications.channels.voice.providers import CALLS_FROM, SECRET, SITE, Server, running


@pytest.fixture
def voice(settings: Settings) -> None:
    """Calls are a way out of the house, beside the others."""
    channel = "notifications.channels.voice.channel.VoiceChannel"
    settings.NOTIFICATION_CHANNELS = [*site.NOTIFICATION_CHANNELS, channel]


@pytest.fixture
def server(settings: Settings, voice: Any) -> Iterator[Server]:
    """Twilio first, then Africa's Talking; both well, and quick to be given up."""
    with running() as server:
        settings.VOICE_PROVIDERS = ["twilio", "africastalking"]
        settings.AFRICASTALKING_VOICE_URL = settings.TWILIO_URL = server.url
        settings.AFRICASTALKING_USERNAME, settings.AFRICASTALKING_API_KEY = USERNAME, API_KEY
        settings.AFRICASTALKING_WEBHOOK_SECRET = SECRET
        settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = ACCOUNT, TOKEN
        settings.VOICE_TWILIO_FROM = settings.VOICE_AFRICASTALKING_FROM = CALLS_FROM
        settings.VOICE_PER_SECOND = {}
        settings.BASE_URL = SITE
        settings.SMS_TIMEOUT = 0.5
        yield server
