"""Asking anew who somebody is, before what they could do great harm with."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.internal.flows.reauthentication import is_reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

View = Callable[..., HttpResponseBase]


def asked_first(view: View) -> View:
    """Opens the page only to somebody who was asked lately. For forms with a password.

    allauth would keep what was sent in the session meanwhile, where a password must not be: it is typed again.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not is_reauthentication_required(request, app="home"):
            return view(request, *args, **kwargs)
        if request.method not in {"GET", "HEAD"}:
            return redirect(request.path)
        raise ReauthenticationRequired

    return guarded
