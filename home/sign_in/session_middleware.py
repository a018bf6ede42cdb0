"""The end of sessions: for each request that somebody makes who is signed in."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import suspend_request
from django.contrib.auth import SESSION_KEY, logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _

from home.known_devices import remember
from home.sign_in.session_index import session_begun, session_noted
from home.sign_in.session_life import State, life_of
from notifications.web.access import PersonalRequest

BY_ITSELF = "X-By-Itself"
"""The header of what an open page asks for without anybody there."""
_BY_ITSELF = {
    "notifications:stream",
    "notifications:badge",
    "wagtailadmin_editing_sessions:ping",
    "wagtailadmin_editing_sessions:release",
}
_THROUGH_THE_LOCK = {
    "account_confirm_reauthentication_code",
    "account_logout",
    "account_reauthenticate",
    "account_request_reauthentication_code",
    # Who has forgotten the password; nobody need be signed in for these.
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "mfa_reauthenticate",
    "webapp:manifest",
    "webapp:service_worker",
}
_NOT_ABOUT_WHO_ASKS = {"calendar_feed"}
"""Calendars fetch it by its address alone; its answer is the same for all, and may say so to caches."""


class SessionLifeMiddleware(MiddlewareMixin):
    """Signs out whoever has been here too long, and locks what staff left open.

    Before the view and not before all: by then Django has seen that a form comes from a page of ours.
    """

    def process_view(
        self, request: PersonalRequest, view: object, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        if _page(request) in _NOT_ABOUT_WHO_ASKS:
            return None
        if SESSION_KEY not in request.session or not request.user.is_authenticated:
            return None
        life, now = life_of(request.session), timezone.now()
        if life is None:
            session_begun(request, now=now)
            request.is_new_here = True  # type: ignore[attr-defined]
            return None
        state = life.state(now=now)
        if state is State.ENDED:
            logout(request)
        elif state is State.LOCKED:
            request.is_locked = True  # type: ignore[attr-defined] # for templates/account/base_reauthenticate.html
            return None if _page(request) in _THROUGH_THE_LOCK else _lock(request)
        elif _is_somebody_there(request) and life.is_to_note(key=request.session.session_key, now=now):
            request.is_new_here = life.noted_as != request.session.session_key  # type: ignore[attr-defined]
            session_noted(request, replace(life, seen_at=now))
        return None

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """After signing in and after a new password the device is known anew."""
        if getattr(request, "is_new_here", False) and request.user.is_authenticated:
            life = life_of(request.session)
            if life and not life.is_shared:
                remember(request, response, request.user)
        return response


def _is_somebody_there(request: HttpRequest) -> bool:
    return _page(request) not in _BY_ITSELF and BY_ITSELF not in request.headers


def _page(request: HttpRequest) -> str:
    return request.resolver_match.view_name if request.resolver_match else ""


def _lock(request: HttpRequest) -> HttpResponseBase:
    """To the page that asks who it is; afterwards to where they were going, with the form that they sent."""
    adapter = get_adapter()
    if "HX-Request" in request.headers or adapter.is_ajax(request):
        return HttpResponse(_("Please sign in."), status=401, content_type="text/plain")
    if _page(request) in _BY_ITSELF:
        return HttpResponse(status=204)  # a browser gives up on such a stream (WHATWG HTML, 9.2.3)
    methods = adapter.get_reauthentication_methods(request.user)
    if not methods:
        logout(request)
        return redirect(request.get_full_path())
    # allauth keeps the form in the session meanwhile, where a password must not be: that is typed again.
    if any("password" in name for name in request.POST):
        return redirect(f"{methods[0]['url']}?{urlencode({'next': request.get_full_path()})}")
    answer: HttpResponseBase = suspend_request(request, methods[0]["url"])
    return answer
