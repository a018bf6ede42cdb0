"""When a patient is asked how the week went."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from medications.rules.errors import RuleError
from medications.rules.weekly_question import week_to_ask

MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
"""10:00 in Johannesburg."""


def asked(
    now: datetime, *, weekday: int = 0, at: time = time(10), zone: str = "Africa/Johannesburg"
) -> date | None:
    return week_to_ask(weekday=weekday, at=at, timezone=zone, now=now)


@pytest.mark.parametrize(
    ("after", "week"),
    [
        (timedelta(seconds=-1), None),
        (timedelta(0), date(2026, 11, 23)),
        (timedelta(hours=5, minutes=59), date(2026, 11, 23)),
        (timedelta(hours=6), None),
        (timedelta(days=1), None),
        (timedelta(days=7), date(2026, 11, 30)),
    ],
)
def test_at_its_hour_and_not_much_later(after: timedelta, week: date | None) -> None:
    assert asked(MONDAY + after) == week


def test_on_the_patients_wall() -> None:
    assert asked(MONDAY, zone="Europe/London") is None
    assert asked(MONDAY + timedelta(hours=2), zone="Europe/London") == date(2026, 11, 23)


def test_late_on_sunday_is_of_the_week_that_ends() -> None:
    late = {"weekday": 6, "at": time(23)}
    assert asked(datetime(2026, 11, 29, 21, 30, tzinfo=UTC), **late) == date(2026, 11, 23)  # type: ignore[arg-type]
    assert asked(datetime(2026, 11, 29, 23, tzinfo=UTC), **late) == date(2026, 11, 23)  # type: ignore[arg-type]


def test_once_where_clocks_change() -> None:
    begin = datetime(2026, 10, 25, tzinfo=UTC)
    quarters = [begin + timedelta(minutes=15 * n) for n in range(96)]
    weeks = {asked(now, weekday=6, at=time(1, 30), zone="Europe/London") for now in quarters}
    assert weeks == {None, date(2026, 10, 19)}


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(RuleError):
        asked(MONDAY, zone="Mars/Olympus")
