"""Whose address it is that counts: our own proxies' word, or the peer."""

from typing import Any

import pytest
from django.test import RequestFactory

from notifications.web.client_address import client_address, client_network


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "1.1.1.1", "9.9.9.9"),
        (1, "1.1.1.1", "1.1.1.1"),
        (1, "6.6.6.6, 1.1.1.1", "1.1.1.1"),
        (2, "6.6.6.6, 1.1.1.1, 2.2.2.2", "1.1.1.1"),
        (1, "", "9.9.9.9"),
        (2, "1.1.1.1", "9.9.9.9"),
        (1, "2001:db8::7", "2001:db8::7"),
        (1, "[2001:db8::7]:443", "2001:db8::7"),
    ],
)
def test_only_what_our_own_proxies_wrote_is_believed_of_an_address(
    proxies: int, forwarded: str, address: str, settings: Any, rf: RequestFactory
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    assert client_address(rf.get("/", headers=headers, REMOTE_ADDR="9.9.9.9")) == address


def test_a_request_without_an_address_has_none(rf: RequestFactory) -> None:
    assert client_address(rf.get("/", REMOTE_ADDR="")) is None


@pytest.mark.parametrize("forwarded", ["nonsense", "1.1.1.1, ", "unknown"])
def test_what_is_no_address_is_nobodys(forwarded: str, settings: Any, rf: RequestFactory) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert client_address(rf.get("/", headers={"X-Forwarded-For": forwarded})) is None


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("9.9.9.9", "9.9.9.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::7", "2001:db8:1:2::"),
        ("", None),
    ],
)
def test_who_has_half_of_an_address_of_ipv6_is_one(
    address: str, network: str | None, rf: RequestFactory
) -> None:
    assert client_network(rf.get("/", REMOTE_ADDR=address)) == network
