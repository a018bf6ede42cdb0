"""When nobody is called."""

from datetime import datetime, time

from notifications.rules.quiet_hours import quiet_until
from notifications.types import QuietHours

NIGHT = QuietHours(time(20), time(8))
"""On the wall of whoever would be called, whatever quiet hours they chose."""


def night_until(timezone: str, now: datetime) -> datetime | None:
    """When the night in which nobody is called ends (aware, in UTC), or None by day. `now` is aware."""
    return quiet_until(NIGHT, timezone, now)
