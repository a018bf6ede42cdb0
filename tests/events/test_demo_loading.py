"""The clinic events of the demo, loaded at any time."""

from datetime import UTC, datetime

import pytest
import time_machine

from events import demo as events_of_the_demo
from home import demo as people_of_the_demo
from tests.events.test_demo import of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("weekday", range(7))
@pytest.mark.parametrize("hour", [0, 8, 23])
def test_its_events_load_at_any_time_of_the_week(weekday: int, hour: int) -> None:
    now = datetime(2026, 12, 21 + weekday, hour, 59, tzinfo=UTC)
    with time_machine.travel(now, tick=False):
        people_of_the_demo.load(now=now)
        events_of_the_demo.load(now=now)
    assert of("Thandi", event__starts_at__gt=now, event__state="cancelled") == ["joined"]
    assert of("Pieter", event__starts_at__gt=now, event__state="planned") == ["joined", "waiting"]
