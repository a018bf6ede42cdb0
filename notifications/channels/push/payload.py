"""What a push message holds, and the headers that it travels with (RFC 8030)."""

import base64
import hashlib
import json
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from notifications.channels.push.sealing import LIMIT
from notifications.types import Message, Priority

NAME = "MedGuard"
ANSWERS = 2
"""As many buttons as browsers show."""
LONGEST = timedelta(days=1)
"""How long a push service keeps a message whose type gives it no end: after that it is news of yesterday."""
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_URGENCY = {Priority.LOW: "low", Priority.NORMAL: "normal", Priority.HIGH: "high", Priority.URGENT: "high"}


def payload(message: Message) -> bytes:
    """The message as JSON for the service worker, its text cut where it would be too long."""
    parts: dict[str, Any] = {
        "key": message.key,
        "thread": message.thread or message.key,
        "title": NAME,
        "body": message.body,
        "lang": message.language,
        "url": _path(message.url),
        "actions": [
            {"action": each.name, "title": each.label, "token": each.token}
            for each in message.answers[:ANSWERS]
        ],
    }
    packed = _pack(parts)
    if len(packed) <= LIMIT:
        return packed
    shortest, longest = 0, len(message.body)
    while longest - shortest > 1:
        length = (shortest + longest) // 2
        if len(_pack({**parts, "body": _cut(message.body, length)})) <= LIMIT:
            shortest = length
        else:
            longest = length
    return _pack({**parts, "body": _cut(message.body, shortest)})


def headers(message: Message) -> dict[str, str]:
    """How soon it must be there, and which earlier one it replaces where that wasn't fetched yet (RFC 8030 5.3, 5.4).

    The topic says nothing to the push service but that two messages are of one thread.
    """
    thread = hashlib.sha256((message.thread or message.key).encode()).digest()
    topic = base64.urlsafe_b64encode(thread).decode()[:32]
    return {"Urgency": _URGENCY[message.priority], "Topic": topic}


def seconds_to_live(message: Message, now: datetime) -> int:
    """How long the push service shall keep it (RFC 8030 5.2)."""
    left = (message.valid_until - now) if message.valid_until else LONGEST
    return max(0, int(min(left, LONGEST).total_seconds()))


def _path(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _cut(text: str, length: int) -> str:
    return f"{text[:length].rstrip()}…"


def _pack(parts: dict[str, Any]) -> bytes:
    # Half a surrogate pair, which a text can't hold in UTF-8, is replaced.
    return _encode(parts).encode("utf-8", "replace")
