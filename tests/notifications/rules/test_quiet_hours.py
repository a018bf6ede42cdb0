"""Quiet hours, by the examples that the page for staff says in words. Clock changes are in test_routing.py."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from notifications.rules.examples.quiet_hours import EXAMPLES, HOME, Example
from notifications.rules.quiet_hours import quiet_until
from notifications.types import QuietHours

# From and until the same time is no time at all.
_NONE = Example(
    QuietHours(time(8), time(8)),
    HOME,
    datetime(2026, 11, 24, 8, tzinfo=ZoneInfo("Africa/Johannesburg")),
    None,
)


@pytest.mark.parametrize("example", [*EXAMPLES, _NONE])
def test_a_message_waits_until_they_end(example: Example) -> None:
    assert quiet_until(example.quiet, example.zone, example.ready) == example.until


@pytest.mark.parametrize("zone", ["Pacific/Pago_Pago", "Pacific/Kiritimati", "Africa/Johannesburg"])
@pytest.mark.parametrize("day", [24, 25])
def test_the_night_is_that_of_the_wall_wherever_the_machine_is(zone: str, day: int) -> None:
    ready = datetime(2026, 11, day, 2 if day == 25 else 23, tzinfo=ZoneInfo(zone))
    until = quiet_until(QuietHours(time(22), time(7)), zone, ready)
    assert until == datetime(2026, 11, 25, 7, tzinfo=ZoneInfo(zone))
    assert until.tzinfo is UTC
