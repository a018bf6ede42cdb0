"""Small JSON bodies that scripts of ours send."""

import json
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest

MOST = 4096
"""Bytes: a subscription with two addresses takes some 2,500 at most."""


def small_json(request: HttpRequest) -> dict[str, Any]:
    """The object in the body. Raises BadRequest for anything else, or more."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST or len(request.body) > MOST:
        raise BadRequest("The body is too long.")
    try:
        data = json.loads(request.body)
    except (ValueError, RecursionError):
        raise BadRequest("The body is no JSON.") from None
    if not isinstance(data, dict) or "\\u0000" in json.dumps(data):
        raise BadRequest("The body is no JSON object of plain texts.")
    return data
