"""How often somebody may call; the rates are settings (REST_FRAMEWORK, DEFAULT_THROTTLE_RATES)."""

from rest_framework.throttling import ScopedRateThrottle, UserRateThrottle


class EveryCall(UserRateThrottle):
    """All calls of a person, or of an address from which nobody has signed in."""

    scope = "call"


class CostlyCall(ScopedRateThrottle):
    """Calls of a view with a `throttle_scope`, besides."""
