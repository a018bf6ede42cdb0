"""Thandi's browsers, and the service that brings them what we send."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from home.models import User
from notifications.channels.push import keys
from notifications.channels.push.devices import device_add, read_subscription
from notifications.channels.push.vapid import new_key
from notifications.models import PushSubscription
from tests.factories import UserFactory
from tests.notifications.channels.push.push_service import Browser, PushService

Subscribed = Callable[..., Browser]


@pytest.fixture
def service(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[PushService]:
    monkeypatch.setenv("NO_PROXY", "localhost")
    with PushService().running() as service:
        settings.PUSH_HOSTS = [service.origin]
        settings.VAPID_PRIVATE_KEY = new_key()
        settings.VAPID_SUBJECT = "mailto:clinic@example.org"
        service.key = keys.public_key()
        yield service


@pytest.fixture
def thandi(db: None) -> User:
    return UserFactory(first_name="Thandi")


@pytest.fixture
def subscribed(service: PushService, thandi: User) -> Subscribed:
    """Makes a browser with notices on, of Thandi unless another `user` is given."""

    def make(name: str, *, user: User | None = None, **values: Any) -> Browser:
        browser = service.browser(name, **values)
        device_add(
            user_id=(user or thandi).pk,
            subscription=read_subscription(browser.subscription),
            user_agent="Mozilla/5.0 (Linux; Android 14) Chrome/140.0 Safari/537.36",
            now=timezone.now(),
        )
        return browser

    return make


def row(browser: Browser) -> PushSubscription | None:
    return PushSubscription.objects.filter(endpoint=browser.endpoint).first()
