"""Devices on which somebody has signed in before: known by a signed cookie (OWASP, "Device Cookies").

A device that is known can do nothing that a stranger's can't. It only has its own counts of wrong tries, so that nobody
else can use them up. It is forgotten when the person's password changes.
"""

import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.core import signing
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import constant_time_compare, salted_hmac

from home.models import User

COOKIE = "device"
_SALT = "home.known_devices"
_AGE = timedelta(days=365)
_MOST = 8
"""People a device: a family's phone, a clinic's tablet. One more takes the place of the one longest ago."""


def device_of(request: HttpRequest, person: User | None) -> str | None:
    """By what this device is known to the account of this person; None where it isn't.

    A session in which they are signed in is as good: they are asked for the password in it too.
    """
    if person is None:
        return None
    session = getattr(request, "session", None)
    if session is not None and session.get(SESSION_KEY) == str(person.pk):
        return f"session {session.session_key}"
    device, people = _read(request)
    mark = people.get(str(person.pk), "")
    return device if mark and constant_time_compare(mark, _mark(person)) else None


def is_known(request: HttpRequest) -> bool:
    """Whether anybody has signed in on this device."""
    return bool(_read(request)[1])


def remember(request: HttpRequest, response: HttpResponseBase, person: User) -> None:
    """Know this device from now on as one of this person's."""
    device, people = _read(request)
    people.pop(str(person.pk), None)
    people[str(person.pk)] = _mark(person)
    newest = dict(list(people.items())[-_MOST:])
    response.set_cookie(
        COOKIE,
        signing.dumps([device or secrets.token_urlsafe(12), newest], salt=_SALT),
        max_age=_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _read(request: HttpRequest) -> tuple[str, dict[str, str]]:
    """The device's own name, and a mark for each person who has signed in on it; nothing of a forged cookie."""
    try:
        found: Any = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=_AGE)
    except signing.BadSignature:
        return "", {}
    device, people = found
    return device, people


def _mark(person: User) -> str:
    """Another one after the password has changed."""
    return salted_hmac(_SALT, f"{person.pk} {person.password}", algorithm="sha256").hexdigest()[:32]
