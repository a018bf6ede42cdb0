"""Who comes to a stack from outside: people in their browsers, and a program."""

from collections.abc import Sequence
from datetime import datetime
from importlib import import_module

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils import timezone

from home.models import User
from notifications.api.tokens import token_issue
from tests.factories import UserFactory
from tests.stacks.stack import Stack


def cookie_of(user: User) -> str:
    """A browser's in which this person is signed in."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[1]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return f"sessionid={session.session_key}"


def a_program() -> str:
    """The token of a program that may tell everybody; where DEBUG is off that takes a second step."""
    admin = UserFactory.create(email="admin@example.org", is_superuser=True)
    TOTP.activate(admin, generate_totp_secret())
    return token_issue(user=admin, now=timezone.now())[1]


def schedule(stack: Stack, people: Sequence[User], minute: datetime, token: str) -> list[int]:
    """Have it tell all of them something at that time; the ids of the messages."""
    answer = stack.call(
        "/api/notifications/schedule/",
        {
            "recipients": [person.pk for person in people],
            "title": "The clinic is closed on Friday",
            "message": "Please come on Thursday.",
            "scheduled_at": minute.isoformat(),
        },
        Authorization=f"Token {token}",
    )
    return list(answer["notification_ids"])
