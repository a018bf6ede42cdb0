from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from tests.notifications.channels.counterpart import ACCOUNT, TOKEN
from tests.notifications.channels.sms.gateways import API_KEY, USERNAME, Server, running

SECRET = "an-unguessable-secret-of-ours"


@pytest.fixture
def server(settings: Settings) -> Iterator[Server]:
    """Africa's Talking first, then Twilio; both well, and quick to be given up."""
    with running() as server:
        settings.SMS_PROVIDERS = ["africastalking", "twilio"]
        settings.AFRICASTALKING_URL = settings.TWILIO_URL = server.url
        settings.AFRICASTALKING_USERNAME, settings.AFRICASTALKING_API_KEY = USERNAME, API_KEY
        settings.AFRICASTALKING_SENDER_ID = "22345"
        settings.AFRICASTALKING_WEBHOOK_SECRET = SECRET
        settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = ACCOUNT, TOKEN
        settings.TWILIO_FROM = "+27105550100"
        settings.BASE_URL = "https://clinic.example"
        settings.SMS_TIMEOUT = 0.5
        yield server


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    """Where the file gateway writes."""
    settings.SMS_PROVIDERS = ["file"]
    settings.SMS_FILE_PATH = tmp_path / "sms"
    return settings.SMS_FILE_PATH
