"""Lockout after too many wrong passwords: the name that they are counted by, and the page that is shown."""

from typing import Any

from allauth.account.signals import password_reset
from axes.helpers import get_cool_off
from axes.utils import reset
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

from home.known_devices import device_of
from home.limits import passwords_forget
from home.models.user import User
from home.selectors import person_at
from notifications.phone_numbers import as_phone


def login_of(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """The same name for a person, whichever of their addresses they typed, and however they wrote it."""
    given = credentials or {}
    login = given.get("email") or given.get("phone") or given.get("username") or request.POST.get("login", "")
    number = as_phone(login)
    if number is None:
        return login.strip().lower()
    email = User.objects.filter(phone=number).values_list("email", flat=True).first()
    return email or str(number.as_e164)


def is_known_device(request: HttpRequest, credentials: dict[str, Any] | None) -> bool:
    """Whether the account's owner has signed in on this device before: then home/limits.py counts, and axes not."""
    return device_of(request, person_at(login_of(request, credentials))) is not None


def locked_out(
    request: HttpRequest,
    response: HttpResponse | None = None,
    credentials: dict[str, Any] | None = None,
) -> HttpResponse:
    """The page for somebody who has to wait."""
    cool_off = get_cool_off(request)
    minutes = int(cool_off.total_seconds() // 60) if cool_off else 0
    answer = render(request, "home/locked_out.html", {"minutes": minutes}, status=429)
    add_never_cache_headers(answer)
    return answer


@receiver(password_reset, dispatch_uid="home.sign_in.lockout.password_reset")
def password_was_reset(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """A person who reset the password by e-mail need not wait."""
    reset(username=user.email or str(user.phone))
    passwords_forget(request, person=user)
