"""The file: what is written into it is compressed and sealed piece by piece, so that any size takes little memory.

After a line that says what it is and one that names the key, each piece stands behind its length. The key is made for
this file alone from one of FIELD_ENCRYPTION_KEYS and a random salt. A piece is sealed under its number and whether it
is the last one (as in STREAM, Hoang et al. 2015): so none can be changed, left out, exchanged or cut off unnoticed.
"""

import json
import os
import zlib
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from notifications.encryption.keys import keyring

MAGIC = b"MedGuard backup 1\n"
PIECE = 1 << 20
_LONGEST_LINE = 1000
_PURPOSE = "medguard.backup"


class BackupError(Exception):
    """The file can't be read, or not be restored here; its words say why."""


class Writer:
    """Takes bytes; `finish` writes the last of them. Without it, what is written can't be read."""

    def __init__(self, file: BinaryIO) -> None:
        key, salt = keyring().first, os.urandom(32)
        line = json.dumps({"key": key.name, "salt": salt.hex()}).encode() + b"\n"
        file.write(MAGIC + line)
        self.key_name = key.name
        self._file, self._line = file, line
        self._cipher = AESGCM(key.derived(_PURPOSE, salt=salt))
        self._waiting = bytearray()
        self._count = 0

    def write(self, data: bytes) -> None:
        self._waiting += data
        while len(self._waiting) > PIECE:
            self._seal(bytes(self._waiting[:PIECE]), last=False)
            del self._waiting[:PIECE]

    def finish(self) -> None:
        self._seal(bytes(self._waiting), last=True)

    def _seal(self, piece: bytes, *, last: bool) -> None:
        sealed = self._cipher.encrypt(_nonce(self._count, last=last), zlib.compress(piece), self._line)
        self._file.write(len(sealed).to_bytes(4, "big") + sealed)
        self._count += 1


class Reader:
    """Gives the bytes back. BackupError where the file isn't whole and as it was written, or its key isn't there."""

    def __init__(self, file: BinaryIO) -> None:
        if file.readline(_LONGEST_LINE) != MAGIC:
            raise BackupError("This is no backup of MedGuard, or one of a newer version.")
        self._file, self._line = file, file.readline(_LONGEST_LINE)
        try:
            header = json.loads(self._line)
            name, salt = header["key"], bytes.fromhex(header["salt"])
        except (ValueError, KeyError, TypeError):
            raise BackupError("The file is broken.") from None
        key = keyring().known.get(name)
        if key is None:
            raise BackupError(
                f"The key {name} that this backup was made with is not among FIELD_ENCRYPTION_KEYS."
            )
        self.key_name = key.name
        self._cipher = AESGCM(key.derived(_PURPOSE, salt=salt))
        self._waiting = b""
        self._count = 0
        self._over = False

    def read(self, size: int) -> bytes:
        """As many bytes as that or fewer; none at the end."""
        while not self._waiting and not self._over:
            self._waiting = self._next()
        taken, self._waiting = self._waiting[:size], self._waiting[size:]
        return taken

    def _next(self) -> bytes:
        length = int.from_bytes(self._file.read(4), "big")
        sealed = self._file.read(length) if 0 < length <= 2 * PIECE else b""
        if not sealed or len(sealed) < length:
            raise BackupError("The file is cut off or broken.")
        for last in (False, True):
            try:
                piece = self._cipher.decrypt(_nonce(self._count, last=last), sealed, self._line)
            except InvalidTag:
                continue
            if last and self._file.read(1):
                break
            self._count += 1
            self._over = last
            return zlib.decompress(piece)
        raise BackupError("The file is broken, or somebody changed it.")


def _nonce(number: int, *, last: bool) -> bytes:
    """Each once with this file's key."""
    return number.to_bytes(11, "big") + bytes([last])
