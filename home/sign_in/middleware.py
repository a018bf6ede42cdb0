"""Whose request it is; and the second step, of staff above all."""

from typing import Any, cast
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import BACKEND_SESSION_KEY
from django.contrib.auth.middleware import AuthenticationMiddleware, get_user
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.deprecation import MiddlewareMixin
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from home.backends import FOUND_BY
from home.models.user import User
from home.sign_in.proofs import second_step_open

NEXT = "after_second_step"
"""In the session: where somebody was going who had to set up a second step first."""


_FOUND_BY_BEFORE = "allauth.account.auth_backends.AuthenticationBackend"


class AccountMiddleware(AuthenticationMiddleware):
    """Django's. Sessions that were begun before we had a backend of our own go on: they name the one it stands on."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = cast("User", SimpleLazyObject(lambda: _user_of(request)))


def _user_of(request: HttpRequest) -> Any:
    if request.session.get(BACKEND_SESSION_KEY) == _FOUND_BY_BEFORE:
        request.session[BACKEND_SESSION_KEY] = FOUND_BY
    return get_user(request)


class SecondStepMiddleware(MiddlewareMixin):
    """Lets nobody into the admin, or to the pages of the second step itself, whose session has still to pass it.

    Staff must have one where STAFF_MFA_REQUIRED says so. Whoever has one is asked for it everywhere.
    """

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        section = _section(request.path_info)
        if section is None or not request.user.is_authenticated:
            return None
        to_pass = second_step_open(request)
        # What was sent in a form can't be sent again by a link.
        here = request.get_full_path() if request.method in {"GET", "HEAD"} else section
        if to_pass:
            return redirect(f"{reverse('mfa_reauthenticate')}?{urlencode({'next': here})}")
        if to_pass is None and section == reverse("wagtailadmin_home") and _must_have_one(request):
            request.session[NEXT] = here
            messages.info(request, _("Staff sign in with a second step. Please set it up first."))
            return redirect("mfa_activate_totp")
        if section == reverse("wagtailadmin_home"):
            request.session.pop(NEXT, None)
        return None


def _section(path: str) -> str | None:
    """The first page of the part of the site that this path belongs to, if that part is guarded."""
    if path == reverse("mfa_reauthenticate"):
        return None
    sections = (reverse("wagtailadmin_home"), reverse("mfa_index"))
    return next((section for section in sections if path.startswith(section)), None)


def _must_have_one(request: HttpRequest) -> bool:
    return settings.STAFF_MFA_REQUIRED and request.user.has_perm("wagtailadmin.access_admin")
