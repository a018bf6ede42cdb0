"""The site's own key, by which push services know who sends (VAPID, RFC 8292)."""

import os
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.core.signals import setting_changed
from py_vapid import Vapid02

from notifications.channels.push.vapid import new_key, read_key, to_base64

FILE = "vapid-private-key"
_LIFE, _RENEWED = 12 * 3600, 11 * 3600
"""Seconds for which a push service believes what is signed, and after which it is signed anew."""
_signed: dict[tuple[str, str], tuple[float, str]] = {}
"""By origin and subject: when what we say to it was signed, and that."""


@cache
def key() -> Vapid02:
    """VAPID_PRIVATE_KEY, else the key in the data folder, which is made the first time.

    Raises ValueError when it is malformed. With another key, every subscription that was made with this one is void.
    """
    return Vapid02(read_key(settings.VAPID_PRIVATE_KEY or _kept(Path(settings.DATA_DIR) / FILE)))


def public_key() -> str:
    """What a browser subscribes with: the public half, a point of P-256, in URL-safe base64."""
    return to_base64(key().public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def authorization(origin: str, *, now: datetime) -> str:
    """What tells the push service at that origin who sends (RFC 8292 2): signed once for all that it gets in hours."""
    second, subject = now.timestamp(), settings.VAPID_SUBJECT
    signed_at, header = _signed.get((origin, subject), (0.0, ""))
    # Nor what was signed in the future: the clock has been put back, and it would be for longer than a day.
    if not signed_at <= second < signed_at + _RENEWED:
        claims = {"sub": subject, "aud": origin, "exp": int(second) + _LIFE}
        header = key().sign(claims)["Authorization"]
        _signed[origin, subject] = second, header
    return header


def _kept(path: Path) -> str:
    """Made once, however many processes start at the same time: whoever links it first wins."""
    if not path.exists():
        with NamedTemporaryFile("w", dir=path.parent, prefix=f"{FILE}.") as fresh:  # has the mode 600
            fresh.write(new_key())
            fresh.flush()
            try:
                os.link(fresh.name, path)
            except FileExistsError:
                pass
    return path.read_text()


def _forget(*, setting: str, **kwargs: object) -> None:
    if setting in {"VAPID_PRIVATE_KEY", "DATA_DIR"}:
        key.cache_clear()
        _signed.clear()


setting_changed.connect(_forget)
