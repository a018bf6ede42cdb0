"""What the pages behind the links in messages have in common: nobody need be signed in to open them."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from rest_framework.throttling import SimpleRateThrottle

from notifications.web.client_address import client_network

View = Callable[[HttpRequest, str], HttpResponse]


class _Opened(SimpleRateThrottle):
    """How often such pages may be opened from one address."""

    scope = "link"

    def get_cache_key(self, request: HttpRequest, view: object) -> str:
        return str(self.cache_format % {"scope": self.scope, "ident": client_network(request)})


def linked(view: View) -> View:
    """A page whose address is a secret: kept nowhere, found by no search, and not guessed at.

    No other site learns the address: SECURE_REFERRER_POLICY keeps it to this one. (To say nothing at all to ourselves
    either would make the browser send forms as if from nowhere, and Django refuses those.)
    """

    @never_cache
    @wraps(view)
    def answer(request: HttpRequest, token: str) -> HttpResponse:
        if not _Opened().allow_request(request, None):
            response = render(request, "429.html", status=429)
        elif request.method not in ("GET", "HEAD", "POST"):
            response = HttpResponseNotAllowed(["GET", "HEAD", "POST"])
        else:
            response = view(request, token)
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return answer
