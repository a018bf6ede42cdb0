"""One name for all that is logged while one request is answered, the proxy's if it gives one."""

import re
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any, cast
from uuid import uuid4

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

HEADER = "X-Request-ID"
ACCEPTABLE = re.compile(r"[\w-]{1,64}", re.ASCII)

current: ContextVar[str] = ContextVar("request_id", default="")
"""The request that is being answered; empty outside of one."""


@sync_and_async_middleware
def request_id_middleware(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Names the request after its X-Request-ID, or anew if that is missing or odd, and tells the browser its name."""
    if iscoroutinefunction(get_response):
        answer = cast("Callable[[HttpRequest], Awaitable[HttpResponseBase]]", get_response)

        async def asynchronous(request: HttpRequest) -> HttpResponseBase:
            name = _name(request)
            token = current.set(name)
            try:
                response = await answer(request)
            finally:
                current.reset(token)
            response.headers[HEADER] = name
            return response

        return asynchronous

    def synchronous(request: HttpRequest) -> HttpResponseBase:
        name = _name(request)
        token = current.set(name)
        try:
            response = cast("HttpResponseBase", get_response(request))
        finally:
            current.reset(token)
        response.headers[HEADER] = name
        return response

    return synchronous


def _name(request: HttpRequest) -> str:
    given = request.headers.get(HEADER, "")
    return given if ACCEPTABLE.fullmatch(given) else uuid4().hex
