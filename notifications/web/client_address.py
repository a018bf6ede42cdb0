"""Whose browser or program it is that asks."""

from allauth.account.adapter import get_adapter
from allauth.core.internal.ratelimit import truncate_ip
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """The IP address: of X-Forwarded-For only what our own proxies (TRUSTED_PROXIES) wrote, else the peer's.

    None where there is none, as behind a Unix socket without a proxy.
    """
    try:
        return str(get_adapter(request).get_client_ip(request))
    except PermissionDenied:
        return None


def client_network(request: HttpRequest) -> str | None:
    """By what tries and calls are counted: the address, of IPv6 its first half, because one subscriber has the rest."""
    address = client_address(request)
    return address and str(truncate_ip(address))
