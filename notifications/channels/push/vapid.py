"""Private keys of VAPID (RFC 8292) as text: 32 bytes in URL-safe base64, as browsers' tools write them."""

import base64

from cryptography.hazmat.primitives.asymmetric import ec


def read_key(text: str) -> ec.EllipticCurvePrivateKey:
    """Raises ValueError for what is no key of the curve P-256."""
    try:
        raw = from_base64(text.strip())
    except ValueError:
        raw = b""
    if len(raw) != 32:
        raise ValueError("it must be 32 bytes in URL-safe base64.")
    try:
        return ec.derive_private_key(int.from_bytes(raw), ec.SECP256R1())
    except ValueError:
        raise ValueError("it is no key of the curve P-256.") from None


def new_key() -> str:
    """A fresh one."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return to_base64(number.to_bytes(32))


def to_base64(data: bytes) -> str:
    """URL-safe and without padding, as everything in web push."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64(text: str) -> bytes:
    """The reverse, with or without padding. Raises ValueError for anything else."""
    bare = text.rstrip("=")
    return base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_", validate=True)
