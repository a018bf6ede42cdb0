"""When a message goes that is ready in somebody's quiet hours, or beside them."""

from datetime import datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from notifications.rules.night import NIGHT
from notifications.types import QuietHours

HOME = "Africa/Johannesburg"


class Example(NamedTuple):
    """A message is ready at `ready` (aware, on the wall of `zone`); it waits until `until`, or not at all."""

    quiet: QuietHours
    zone: str
    ready: datetime
    until: datetime | None


def _at(day: int, hour: int, minute: int = 0, zone: str = HOME) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZoneInfo(zone))


_NIGHTLY = QuietHours(time(22), time(6))
_AT_NOON = QuietHours(time(13), time(15))

EXAMPLES = (
    Example(_NIGHTLY, HOME, _at(24, 21, 59), None),
    Example(_NIGHTLY, HOME, _at(24, 22), _at(25, 6)),
    Example(_NIGHTLY, HOME, _at(24, 23, 30), _at(25, 6)),
    Example(_NIGHTLY, HOME, _at(25, 5, 59), _at(25, 6)),
    Example(_NIGHTLY, HOME, _at(25, 6), None),
    Example(_AT_NOON, HOME, _at(24, 12, 59), None),
    Example(_AT_NOON, HOME, _at(24, 13), _at(24, 15)),
    Example(_NIGHTLY, "Europe/London", _at(24, 20, 30, "Europe/London"), None),
    Example(_NIGHTLY, "Europe/London", _at(24, 22, 30, "Europe/London"), _at(25, 6, zone="Europe/London")),
)

CALLS = (
    Example(NIGHT, HOME, _at(24, 7, 59), _at(24, 8)),
    Example(NIGHT, HOME, _at(24, 8), None),
    Example(NIGHT, HOME, _at(24, 12), None),
    Example(NIGHT, HOME, _at(24, 19, 59), None),
    Example(NIGHT, HOME, _at(24, 20), _at(25, 8)),
    Example(NIGHT, HOME, _at(24, 23, 59), _at(25, 8)),
    Example(NIGHT, HOME, _at(24, 0), _at(24, 8)),
)
"""Of calls, whatever quiet hours somebody chose."""
