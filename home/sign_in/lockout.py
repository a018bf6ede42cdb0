"""What happens after too many wrong passwords: whose they count for, and the page that says so."""

from typing import Any

from allauth.account.signals import password_reset
from axes.helpers import get_cool_off
from axes.utils import reset
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

from home.models.user import User
from notifications.phone_numbers import as_phone


def login_of(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """One name for one person, by whichever address they signed in and however they wrote it."""
    given = credentials or {}
    login = given.get("email") or given.get("phone") or given.get("username") or request.POST.get("login", "")
    number = as_phone(login)
    if number is None:
        return login.strip().lower()
    email = User.objects.filter(phone=number).values_list("email", flat=True).first()
    return email or str(number.as_e164)


def locked_out(
    request: HttpRequest, response: HttpResponse | None, credentials: dict[str, Any]
) -> HttpResponse:
    """The page for somebody who has to wait."""
    cool_off = get_cool_off(request)
    minutes = int(cool_off.total_seconds() // 60) if cool_off else 0
    answer = render(request, "home/locked_out.html", {"minutes": minutes}, status=429)
    add_never_cache_headers(answer)
    return answer


@receiver(password_reset, dispatch_uid="home.sign_in.lockout.password_reset")
def password_chosen_anew(user: User, **kwargs: Any) -> None:
    """Who has proved by mail who they are need not wait."""
    reset(username=user.email or str(user.phone))
