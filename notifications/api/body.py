"""What a caller sends: of a bounded size, and JSON that everything behind it can live with."""

import json
import math
from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from notifications.api.errors import BodyTooLargeError

MAX_BYTES = 1_000_000
MAX_DEPTH = 20
"""Levels of objects and lists in one another: more than anybody means, less than anything breaks at."""
MAX_INTEGER = 2**63 - 1


def read(request: HttpRequest) -> bytes:
    """The body; raises BodyTooLargeError whatever its announced length, also when none is announced."""
    try:
        announced = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        announced = 0
    if announced > MAX_BYTES:
        raise BodyTooLargeError
    body = _stream(request, announced).read(MAX_BYTES + 1)
    if len(body) > MAX_BYTES:
        raise BodyTooLargeError
    return body


def _stream(request: HttpRequest, announced: int) -> HttpRequest | IO[bytes]:
    # A chunked body has no length, which Django takes for no body; the server marks one that it ends itself.
    if isinstance(request, WSGIRequest) and not announced and request.environ.get("wsgi.input_terminated"):
        return request.environ["wsgi.input"]
    return request


class BoundedRequest(Request):
    """A request that is never read further than a body may go."""

    def _load_stream(self) -> None:
        body = read(self._request)
        self._stream = BytesIO(body) if body else None


class StrictJSONParser(BaseParser):
    """An object in JSON (RFC 8259, so in UTF-8), refused when a database or a program behind us couldn't keep it."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Raises ParseError, also for NUL, half surrogates, NaN and infinity, and integers beyond 64 bits."""
        try:
            value = json.loads(stream.read().decode(), parse_constant=_refuse, parse_float=_finite)
        except RecursionError:
            raise ParseError(_("The JSON is nested too deeply.")) from None
        except ValueError:
            raise ParseError(_("The body is not valid JSON.")) from None
        if not isinstance(value, dict):
            raise ParseError(_("The body must be a JSON object."))
        _check(value)
        return value


def _check(value: Any) -> None:
    waiting = [(value, 1)]
    while waiting:
        each, depth = waiting.pop()
        if isinstance(each, str):
            _check_text(each)
        elif isinstance(each, int):
            if abs(each) > MAX_INTEGER:
                raise ParseError(_("A number in the JSON is too large."))
        elif isinstance(each, dict | list):
            if depth > MAX_DEPTH:
                raise ParseError(_("The JSON is nested too deeply."))
            if isinstance(each, dict):
                waiting.extend((name, depth) for name in each)
                each = each.values()
            waiting.extend((inner, depth + 1) for inner in each)


def _check_text(text: str) -> None:
    """NUL is what PostgreSQL can't keep, half a surrogate pair what UTF-8 can't."""
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text if character > "\ud7ff"):
        raise ParseError(_("The JSON has a character that can't be stored."))


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(digits)
    return number


def _refuse(name: str) -> None:
    raise ValueError(name)
