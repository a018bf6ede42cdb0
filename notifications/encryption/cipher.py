"""Texts, as the database keeps them: sealed with AES-256-GCM, and found again by a keyed index.

    enc1:<key>:<nonce, text and tag in base64>
    idx1:<key>:<index>|enc1:<key>:<…>             where it is looked up

An empty text stays empty: that there is none is no secret. What has no such beginning was written before there was
encryption, and is read as it is until it is rotated.
"""

import hmac
import os
from base64 import urlsafe_b64encode
from binascii import a2b_base64, b2a_base64
from collections.abc import Sequence
from typing import Any

from cryptography.exceptions import InvalidTag
from django.utils.translation import gettext as _

from notifications.encryption.keys import keyring

SEALED = "enc1:"
INDEXED = "idx1:"
NAME = 8
"""Hex digits of a key's name."""
INDEX = len(INDEXED) + NAME + 1 + 22
"""Characters of the index that stand before what is sealed."""
_NONCE = 12


class Unreadable(str):
    """Stands for a text whose key is missing, or that somebody tampered with: it says so to whoever reads it.

    `sealed` is what the database has. That is what is saved again, so that nothing is lost before the key is back.
    """

    sealed: str

    def __new__(cls, sealed: str) -> "Unreadable":
        made = super().__new__(cls, words_for_unreadable())
        made.sealed = sealed
        return made


def words_for_unreadable() -> str:
    """What people read in the place of what can't be read, in the language in use."""
    return _("(This can’t be read at the moment. Please tell whoever runs the site.)")


def seal(text: str) -> str:
    """The text as it is kept; the same text is sealed otherwise each time."""
    return seal_many((text,))[0]


def seal_many(texts: Sequence[str]) -> list[str]:
    """`seal` for thousands at a time."""
    key = keyring().first
    begin, encrypt, nonces = f"{SEALED}{key.name}:", key.cipher.encrypt, os.urandom(_NONCE * len(texts))
    return [
        begin + b2a_base64(nonce + encrypt(nonce, text.encode(), None), newline=False).decode("ascii")
        if text
        else ""
        for at, text in enumerate(texts)
        for nonce in (nonces[_NONCE * at : _NONCE * at + _NONCE],)
    ]


def seal_indexed(text: str) -> str:
    """The text as it is kept where it is looked up."""
    return f"{index_of(text)}|{seal(text)}" if text else ""


def unseal(kept: str) -> str:
    """The text of what is kept, whichever way; `Unreadable` where its key is missing or it was tampered with."""
    sealed = kept[INDEX + 1 :] if kept.startswith(INDEXED) else kept
    if not sealed.startswith(SEALED):
        return kept
    key = keyring().known.get(sealed[len(SEALED) : len(SEALED) + NAME])
    if key is None:
        return Unreadable(kept)
    try:
        both = a2b_base64(sealed[len(SEALED) + NAME + 1 :], strict_mode=True)
        return key.cipher.decrypt(both[:_NONCE], both[_NONCE:], None).decode()
    except (InvalidTag, ValueError):
        return Unreadable(kept)


def index_of(text: str) -> str:
    """By what this text is found again: an HMAC, from which nobody gets to the text without the key."""
    ring = keyring()
    digest = hmac.digest(ring.index_secret, text.encode(), "sha256")[:16]
    return f"{INDEXED}{ring.index.name}:{urlsafe_b64encode(digest)[:22].decode()}"


def is_unreadable(value: Any) -> bool:
    """Whether this is what stands for something that can't be read."""
    return hasattr(value, "sealed")


def current(*, indexed: bool) -> tuple[tuple[int, str], ...]:
    """What each value that needs no rotation has, and from which character on, counted from 1 as SQL does."""
    ring = keyring()
    sealed = f"{SEALED}{ring.first.name}:"
    if indexed:
        return (1, f"{INDEXED}{ring.index.name}:"), (INDEX + 2, sealed)
    return ((1, sealed),)
