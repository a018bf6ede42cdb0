"""A message is sealed as the standard has it, and read by its browser alone."""

import os

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from notifications.channels.push import sealing
from notifications.channels.push.vapid import from_base64, read_key, to_base64


def test_it_seals_what_the_standard_shows() -> None:
    """RFC 8291, Appendix A."""
    sealed = sealing._sealed(
        b"When I grow up, I want to be a watermelon",
        from_base64(
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
        ),
        from_base64("BTBZMqHH6r4Tts7J_aSIgg"),
        key=read_key("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"),
        salt=from_base64("DGv6ra1nlYgDCS1FRnbzlw"),
    )
    assert to_base64(sealed) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6P"
        "Bru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


@given(st.binary(max_size=sealing.LIMIT))
def test_its_browser_reads_it_and_no_two_are_sealed_alike(text: bytes) -> None:
    private, secret = ec.generate_private_key(ec.SECP256R1()), os.urandom(16)
    point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    first, second = (sealing.sealed(text, point=point, secret=secret) for _ in range(2))
    assert first[:86] != second[:86]
    assert len(first) <= sealing.RECORD
    for each in (first, second):
        read = http_ece.decrypt(each, private_key=private, auth_secret=secret, version="aes128gcm")
        assert read == text


@pytest.mark.parametrize("point", [b"", b"\x04" + b"\x01" * 64, b"\x02" + b"\x01" * 10])
def test_what_is_no_point_of_the_curve_is_refused(point: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of OpenSSL's, in words of its own
        sealing.sealed(b"", point=point, secret=b"s" * 16)
