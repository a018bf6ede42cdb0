"""When a periodic task is to run: by the wall of its zone, over clock changes, and the latest of those it missed."""

from datetime import UTC, datetime, timedelta

import pytest

from notifications.rules.slots import latest_slot, next_slot

EIGHT = datetime(2026, 11, 17, 6, 0, tzinfo=UTC)
"""In Johannesburg."""


@pytest.mark.parametrize(
    ("cron", "zone", "after", "now", "slot"),
    [
        ("0 9 * * *", "Africa/Johannesburg", "2026-11-23T09:00", "2026-11-24T06:59", None),
        ("0 9 * * *", "Africa/Johannesburg", "2026-11-23T09:00", "2026-11-24T07:00", "2026-11-24T07:00"),
        ("0 2 * * 1", "Africa/Johannesburg", "2026-11-01T00:00", "2026-11-24T00:00", "2026-11-23T00:00"),
        # London's clocks go back at 02:00 on 25 October 2026: 01:30 comes twice and runs once.
        ("30 1 * * *", "Europe/London", "2026-10-25T00:00", "2026-10-25T00:40", "2026-10-25T00:30"),
        ("30 1 * * *", "Europe/London", "2026-10-25T00:30", "2026-10-25T03:00", None),
        # They go forward at 01:00 on 29 March 2026: 01:30 doesn't exist and still runs.
        ("30 1 * * *", "Europe/London", "2026-03-28T12:00", "2026-03-29T03:00", "2026-03-29T01:00"),
    ],
)
def test_slots_are_read_on_the_wall_of_the_zone(
    cron: str, zone: str, after: str, now: str, slot: str | None
) -> None:
    def utc(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)

    found = latest_slot(cron, zone, after=utc(after), now=utc(now))
    assert found == (utc(slot) if slot else None)


def test_the_next_slot_is_told_in_its_zone_and_none_where_it_never_comes() -> None:
    assert next_slot("0 9 * * *", "Africa/Johannesburg", after=EIGHT) == EIGHT + timedelta(hours=1)
    assert next_slot("0 0 30 2 *", "Africa/Johannesburg", after=EIGHT) is None


def test_a_slot_is_told_in_utc_and_that_of_now_has_been() -> None:
    found = next_slot("0 9 * * *", "Africa/Johannesburg", after=EIGHT)
    assert found is not None and found.tzinfo is UTC
    latest = latest_slot("0 8 * * *", "Africa/Johannesburg", after=EIGHT - timedelta(days=3), now=EIGHT)
    assert latest == EIGHT and latest.tzinfo is UTC


NEVER = "0 0 */29 2 1#5"
"""On the first or the thirtieth of February, where that is its fifth Monday: no line that is refused."""


def test_one_that_never_comes_is_neither_missed_nor_next() -> None:
    assert latest_slot(NEVER, "Africa/Johannesburg", after=EIGHT, now=EIGHT + timedelta(days=2000)) is None
    assert next_slot(NEVER, "Africa/Johannesburg", after=EIGHT) is None
