"""One name for all that is logged while one request is answered, the proxy's if it gives one."""

import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, cast
from uuid import uuid4

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

HEADER = "X-Request-ID"
META_KEY = "REQUEST_ID"
"""Where the apps find the name in `request.META`; no header of a client's can be there."""
ACCEPTABLE = re.compile(r"[\w-]{1,64}", re.ASCII)

current: ContextVar[str] = ContextVar("request_id", default="")
"""The name of the request that is being answered; empty outside of one."""

request: ContextVar[HttpRequest | None] = ContextVar("request", default=None)
"""That request itself."""


@sync_and_async_middleware
def request_id_middleware(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Names the request after its X-Request-ID, or anew if that is missing or odd, and tells the browser its name."""
    if iscoroutinefunction(get_response):
        answer = cast("Callable[[HttpRequest], Awaitable[HttpResponseBase]]", get_response)

        async def asynchronous(request: HttpRequest) -> HttpResponseBase:
            name = request.META[META_KEY] = _name(request)
            with _answering(request, name):
                response = await answer(request)
            response.headers[HEADER] = name
            return response

        return asynchronous

    def synchronous(request: HttpRequest) -> HttpResponseBase:
        name = request.META[META_KEY] = _name(request)
        with _answering(request, name):
            response = cast("HttpResponseBase", get_response(request))
        response.headers[HEADER] = name
        return response

    return synchronous


@contextmanager
def _answering(asked: HttpRequest, name: str) -> Iterator[None]:
    tokens = current.set(name), request.set(asked)
    try:
        yield
    finally:
        current.reset(tokens[0])
        request.reset(tokens[1])


def _name(request: HttpRequest) -> str:
    given = request.headers.get(HEADER, "")
    return given if ACCEPTABLE.fullmatch(given) else uuid4().hex
