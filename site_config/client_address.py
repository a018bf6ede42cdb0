"""Whose browser it is that asks."""

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """The browser's IP address: of X-Forwarded-For only what our own proxies (TRUSTED_PROXIES) wrote, else the peer's.

    None where there is none, as behind a Unix socket without a proxy.
    """
    try:
        return str(get_adapter(request).get_client_ip(request))
    except PermissionDenied:
        return None
