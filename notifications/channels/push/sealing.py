"""Sealing a push message for one browser (RFC 8291), in one record of the content encoding aes128gcm (RFC 8188)."""

import hmac
import os
from functools import partial

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

RECORD = 4096
"""Bytes that a push service takes (RFC 8291 4)."""
LIMIT = RECORD - 86 - 16 - 1
"""Bytes of text that fit: 86 are the header with its key, 16 the tag and one the delimiter (RFC 8188 2)."""
_CURVE = ec.SECP256R1()
_LAST_RECORD = b"\x02"
# HKDF (RFC 5869) of no more than its first 32 bytes is two HMACs.
_hmac = partial(hmac.digest, digest="sha256")


def sealed(text: bytes, *, point: bytes, secret: bytes) -> bytes:
    """What only the browser with this public key (`point`) and secret can read.

    The key of our side is another for each message, as it must be (RFC 8291 3.1). Raises ValueError for a point that
    isn't on the curve.
    """
    return _sealed(text, point, secret, key=ec.generate_private_key(_CURVE), salt=os.urandom(16))


def _sealed(
    text: bytes, point: bytes, secret: bytes, *, key: ec.EllipticCurvePrivateKey, salt: bytes
) -> bytes:
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, point)
    ours = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    shared = _hmac(secret, key.exchange(ec.ECDH(), theirs))
    keying = _hmac(salt, _hmac(shared, b"WebPush: info\0" + point + ours + b"\x01"))
    cipher = AESGCM(_hmac(keying, b"Content-Encoding: aes128gcm\0\x01")[:16])
    nonce = _hmac(keying, b"Content-Encoding: nonce\0\x01")[:12]
    header = salt + RECORD.to_bytes(4) + len(ours).to_bytes(1) + ours
    return header + cipher.encrypt(nonce, text + _LAST_RECORD, None)
