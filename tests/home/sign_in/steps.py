"""Second steps, their codes, and sessions in which somebody has proved who they are."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
)
from django.db import transaction
from django.test import Client

from home.models import User


@pytest.fixture
def commits_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits for the commit happens within the request, as on the site, where each change is one of its own."""

    def on_commit(func: Callable[[], object], *args: Any, **kwargs: Any) -> None:
        func()

    monkeypatch.setattr(transaction, "on_commit", on_commit)


def second_step(user: User) -> tuple[Authenticator, str]:
    """A second step of this person's, and its secret."""
    secret = generate_totp_secret()
    return TOTP.activate(user, secret).instance, secret


def code_of(secret: str, ago: int = 0) -> str:
    """What the app shows now, or showed so many seconds ago."""
    return str(format_hotp_value(hotp_value(secret, (int(time.time()) - ago) // 30)))


def asked(client: Client, user: User) -> Client:
    """Whoever is signed in here was asked anew a moment ago."""
    return _noted(client, user, method="password", reauthenticated=True)


def passed(client: Client, user: User, step: Authenticator) -> Client:
    """This session has passed the second step."""
    return _noted(client, user, method="mfa", id=step.pk, type=step.type)


def _noted(client: Client, user: User, **record: Any) -> Client:
    session = client.session
    session["account_authentication_methods_user"] = str(user.pk)
    before = session.get("account_authentication_methods", [])
    session["account_authentication_methods"] = [*before, {"at": time.time(), **record}]
    session.save()
    return client
