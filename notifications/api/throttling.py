"""How often somebody may call; the rates are in site_config/limits.py."""

from django.http import HttpRequest
from rest_framework.throttling import ScopedRateThrottle, SimpleRateThrottle, UserRateThrottle

from notifications.web.client_address import client_network


class _ByAddress(SimpleRateThrottle):
    def get_ident(self, request: HttpRequest) -> str:
        """As everywhere on the site, and not what DRF would believe of X-Forwarded-For."""
        return client_network(request) or ""


class EveryCall(_ByAddress, UserRateThrottle):
    """All calls of a person, or of an address from which nobody has signed in."""

    scope = "call"


class CostlyCall(_ByAddress, ScopedRateThrottle):
    """Calls of a view with a `throttle_scope`, besides."""
