"""The live stream of a person's page: server-sent events (WHATWG HTML, 9.2)."""

import asyncio
import time
from collections.abc import AsyncIterator

from asgiref.sync import sync_to_async
from django.contrib.auth import aget_user
from django.core.handlers.asgi import ASGIRequest
from django.db import connections
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _

from notifications.live.hub import hub
from notifications.live.sources import OVERLAP
from notifications.selectors.inbox import received
from notifications.web.numbers import whole_number

HEARTBEAT = 15.0
"""Seconds. Proxies and phones drop a connection on which nothing moves."""
LOOK_EVERY = 40.0
"""Seconds between two looks whether the person is still signed in; with a heartbeat after it, less than a minute."""
RETRY = 5_000
"""Milliseconds until a browser that lost the stream comes back."""


async def stream(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """Sends an event `inbox` whenever the inbox of the person signed in has news.

    `since` or Last-Event-ID (Unix seconds) is when the page last knew: news since then are told at once.
    """
    if not isinstance(request, ASGIRequest):
        # A WSGI worker would wait for the end of a stream that has none. Told 204 a browser gives up on it (WHATWG
        # HTML, 9.2.3), and the page asks every minute instead.
        return HttpResponse(status=204)
    user = await request.auser()
    if not user.is_authenticated:
        return _refuse(_("Please sign in."), 401)
    return StreamingHttpResponse(
        _events(request, user.pk),
        content_type="text/event-stream",
        headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},
    )


async def _events(request: HttpRequest, user_id: int) -> AsyncIterator[str]:
    async with hub().client(user_id) as news:
        if await _missed(request, user_id):
            yield _event()
        yield f"retry: {RETRY}\nid: {int(time.time())}\n\n"
        await _close_connections()
        looked = time.monotonic()
        while True:
            try:
                await asyncio.wait_for(news.get(), HEARTBEAT)
                answer = _event()
            except TimeoutError:
                answer = ": still here\n\n"
            if time.monotonic() - looked > LOOK_EVERY:
                if not await _still_signed_in(request):
                    return
                looked = time.monotonic()
            yield answer


async def _missed(request: HttpRequest, user_id: int) -> bool:
    """Whether something came since the page last knew. One too many does no harm, one too few would."""
    known = whole_number(request.headers.get("Last-Event-ID") or request.GET.get("since", ""))
    if known is None:
        return False
    newest = await received(user_id).values_list("sent_at", flat=True).afirst()
    return newest is not None and newest.timestamp() > known - OVERLAP.total_seconds()


async def _still_signed_in(request: HttpRequest) -> bool:
    """Looks the session up anew: it ends by signing out, a new password, or when the person is deactivated."""
    request.session = type(request.session)(request.session.session_key)
    user = await aget_user(request)
    await _close_connections()
    return user.is_authenticated


async def _close_connections() -> None:
    """A stream lasts for hours and needs the database for moments."""
    await sync_to_async(connections.close_all)()


def _event() -> str:
    return f"id: {int(time.time())}\nevent: inbox\ndata: {{}}\n\n"


def _refuse(words: str, status: int) -> HttpResponse:
    return HttpResponse(words, status=status, content_type="text/plain")
