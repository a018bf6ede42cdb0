"""When nobody is called."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.rules.examples.quiet_hours import CALLS, Example
from notifications.rules.night import hour_for_calls, night_until
from notifications.rules.quiet_hours import quiet_until
from notifications.timezones import timezone_names
from notifications.types import QuietHours

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


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZoneInfo(JOHANNESBURG))


@pytest.mark.parametrize(
    ("quiet", "now", "hour"),
    [
        (None, at(24, 12), at(24, 12)),
        (None, at(24, 22), at(25, 8)),
        (QuietHours(time(21), time(9)), at(24, 22), at(25, 9)),
        (QuietHours(time(6), time(12)), at(24, 5), at(24, 12)),
        (QuietHours(time(12), time(20)), at(24, 12), at(25, 8)),
        (QuietHours(time(8), time(19, 45)), at(24, 0), at(24, 19, 45)),
        (QuietHours(time(7), time(0)), at(24, 0), None),
        (QuietHours(time(8), time(20)), at(24, 12), None),
    ],
)
def test_the_first_hour_that_neither_the_night_nor_quiet_hours_take(
    quiet: QuietHours | None, now: datetime, hour: datetime | None
) -> None:
    assert hour_for_calls(quiet, JOHANNESBURG, now) == hour


WALLS = st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))


@given(
    st.builds(QuietHours, WALLS, WALLS),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),
    st.sampled_from(sorted(timezone_names())),
)
def test_an_hour_for_calls_is_in_neither(quiet: QuietHours, now: datetime, zone: str) -> None:
    hour = hour_for_calls(quiet, zone, now)
    if hour is not None:
        assert hour >= now
        assert night_until(zone, hour) is None
        assert quiet_until(quiet, zone, hour) is None
