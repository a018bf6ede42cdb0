"""What all of Twilio's interfaces share: https://www.twilio.com/docs/usage/webhooks/webhooks-security."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.http import QueryDict
from django.utils.crypto import constant_time_compare

_PORTS = {"http": 80, "https": 443}

# https://www.twilio.com/docs/api/errors, and a page for each below that. What is ours or theirs: authentication, an
# account that is closed, suspended, without money or not allowed to; a sender or an address for receipts that isn't
# ours, a trial that may not; a messaging service that there isn't, or that has no number; a full queue; maintenance.
TROUBLE = {
    *(10001, 20001, 20003, 20005, 20006, 20008, 20010),
    *(21212, 21601, 21603, 21606, 21607, 21608, 21609, 21657, 21659, 21660),
    *(21701, 21702, 21703, 21704, 21705),
    *(21611, 21730, 30001, 30002),
}
BUSY = {14107, 20429}


def is_genuine(*, url: str, form: QueryDict, headers: Mapping[str, str]) -> bool:
    """HMAC-SHA1 with our token over the address and the fields in order; it may spell the port out or not."""
    given = headers.get("X-Twilio-Signature", "")
    if not settings.TWILIO_AUTH_TOKEN:
        return False
    fields = "".join(f"{name}{each}" for name in sorted(form) for each in sorted(set(form.getlist(name))))
    return any(constant_time_compare(given, _signature(each + fields)) for each in _spellings(url))


def _signature(signed: str) -> str:
    digest = hmac.new(settings.TWILIO_AUTH_TOKEN.encode(), signed.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def _spellings(url: str) -> set[str]:
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or _PORTS.get(parts.scheme, 443)
    return {url, *(parts._replace(netloc=netloc).geturl() for netloc in (host, f"{host}:{port}"))}


def said(answer: requests.Response) -> dict[str, Any]:
    """What an answer says; nothing where it can't be read."""
    try:
        found = answer.json()
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {}
