"""When nobody is called."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.rules.examples.quiet_hours import CALLS, Example
from notifications.rules.night import night_until
from notifications.timezones import timezone_names

JOHANNESBURG = "Africa/Johannesburg"


@pytest.mark.parametrize("example", CALLS)
def test_it_is_night_from_eight_to_eight_on_their_wall(example: Example) -> None:
    assert night_until(example.zone, example.ready) == example.until


def test_the_wall_is_theirs_and_not_the_clinics() -> None:
    noon_in_johannesburg = datetime(2026, 11, 24, 12, tzinfo=ZoneInfo(JOHANNESBURG))
    assert night_until("America/New_York", noon_in_johannesburg) == datetime(2026, 11, 24, 13, tzinfo=UTC)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),
    st.sampled_from(sorted(timezone_names())),
)
def test_nobody_is_ever_called_between_eight_and_eight(now: datetime, zone: str) -> None:
    until = night_until(zone, now)
    is_day = 8 <= now.astimezone(ZoneInfo(zone)).hour < 20
    if until is None:
        assert is_day
    else:
        assert until > now
        assert 8 <= until.astimezone(ZoneInfo(zone)).hour < 20
