"""Thandi reads her inbox; Pieter has one too, of which she may see nothing."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from home.scope import about_person
from notifications.models import Notification

SESSION = 0 if settings.SESSION_ENGINE.endswith("cached_db") else 1
"""How many queries a session takes: with Redis none, it comes from the cache."""
_numbers = count(1)
Message = Callable[..., Notification]


def make_message(user: Any, **changes: Any) -> Notification:
    """A message that has come just now, unless `changes` say otherwise."""
    number = next(_numbers)
    sent_at: datetime = changes.setdefault("sent_at", timezone.now())
    fields = {
        "recipient": user,
        "event_type": "medication.low_stock",
        "category": "stock",
        "language": "en",
        "title": f"Title {number}",
        "body": f"Body {number}",
        "dedupe_key": f"2026-{number}",
        "scheduled_at": sent_at or timezone.now(),
        "scheduled_status": Notification.Status.SENT,
        "created_at": sent_at or timezone.now(),
        "delete_at": timezone.now() + timedelta(days=365),
        "scope_id": about_person(user.pk).scope_id,
    }
    return Notification.objects.create(**{**fields, **changes})


def make_user(email: str, **fields: Any) -> Any:
    return get_user_model().objects.create_user(email=email, password="medguard-demo", **fields)


@pytest.fixture
def thandi(db: None) -> Any:
    return make_user("thandi@demo.medguard.test", first_name="Thandi")


@pytest.fixture
def pieter(db: None) -> Any:
    return make_user("pieter@demo.medguard.test", first_name="Pieter")


@pytest.fixture
def reader(client: Client, thandi: Any) -> Client:
    """Thandi's browser."""
    client.force_login(thandi)
    return client


@pytest.fixture
def message(thandi: Any) -> Notification:
    return make_message(thandi, title="Metformin is low", body="It lasts for 5 days.")
