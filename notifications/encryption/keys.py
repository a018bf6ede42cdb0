"""The keys, made from FIELD_ENCRYPTION_KEYS."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.signals import setting_changed


@dataclass(frozen=True, slots=True)
class Key:
    """What is made of one of the keys. `name` (eight hex digits) stands before all that it encrypts."""

    name: str
    secret: bytes
    cipher: AESGCM
    fernet: Fernet

    def derived(self, purpose: str, *, salt: bytes | None = None) -> bytes:
        """32 bytes for another purpose, from which this key can't be told (HKDF, RFC 5869)."""
        return _derived(self.secret, purpose, salt)


@dataclass(frozen=True, slots=True)
class Keyring:
    """`first` encrypts, all of `known` (by their names) decrypt, and by `index` is found what is looked up."""

    first: Key
    known: Mapping[str, Key]
    fernets: MultiFernet
    index: Key
    index_secret: bytes

    def rotated(self, token: bytes) -> bytes:
        """This token of Fernet's under the first key: itself, if it is. InvalidToken where no key reads it."""
        try:
            self.first.fernet.decrypt(token)
        except InvalidToken:
            return self.fernets.rotate(token)
        return token


@cache
def keyring() -> Keyring:
    """The first of FIELD_ENCRYPTION_KEYS encrypts, and all decrypt.

    A key that is made from SECRET_KEY always decrypts too, so that a site which began without any may be given some
    later; where there are none, it encrypts. What is looked up is found by that key alone: so the keys of
    FIELD_ENCRYPTION_KEYS come and go, and at no time may a number be there twice, or not be found.
    """
    digest = hashlib.sha256(b"medguard.mfa" + settings.SECRET_KEY.encode()).digest()
    fallback = base64.urlsafe_b64encode(digest).decode()
    keys = [_key(text) for text in (*settings.FIELD_ENCRYPTION_KEYS, fallback)]
    return Keyring(
        first=keys[0],
        known={key.name: key for key in keys},
        fernets=MultiFernet([key.fernet for key in keys]),
        index=keys[-1],
        index_secret=keys[-1].derived("medguard.index"),
    )


def _key(text: str) -> Key:
    secret = base64.urlsafe_b64decode(text)
    return Key(
        name=_derived(secret, "medguard.name")[:4].hex(),
        secret=secret,
        cipher=AESGCM(_derived(secret, "medguard.field")),
        fernet=Fernet(text),
    )


def _derived(secret: bytes, purpose: str, salt: bytes | None = None) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=purpose.encode()).derive(secret)


def _forget(*, setting: str, **kwargs: object) -> None:
    if setting in {"FIELD_ENCRYPTION_KEYS", "SECRET_KEY"}:
        keyring.cache_clear()


setting_changed.connect(_forget)
