"""When nobody is called."""

from datetime import datetime, time

from notifications.rules.quiet_hours import quiet_until
from notifications.types import QuietHours

NIGHT = QuietHours(time(20), time(8))
"""On the wall of whoever would be called, whatever quiet hours they chose."""
_ALTERNATIONS = 6
"""Night and quiet hours of three days: who may be called at no moment of them may be called at none."""


def hour_for_calls(quiet_hours: QuietHours | None, timezone: str, now: datetime) -> datetime | None:
    """The first moment from `now` on (aware) that is neither in the night nor in these quiet hours; None where they
    leave no hour of the day.
    """
    moment = now
    for _ in range(_ALTERNATIONS):
        until = night_until(timezone, moment) or quiet_until(quiet_hours, timezone, moment)
        if until is None:
            return moment
        moment = until
    return None


def night_until(timezone: str, now: datetime) -> datetime | None:
    """When the night in which nobody is called ends (aware, in UTC), or None by day. `now` is aware."""
    return quiet_until(NIGHT, timezone, now)
