"""When people are notified of an event, and which notice is still of use after an outage."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.rules.notice_times import Notice, next_at, notices, of_use

START = datetime(2026, 11, 24, 8, tzinfo=UTC)
END = START + timedelta(hours=2)
MINUTE = timedelta(minutes=1)


def kinds(*reminders: int) -> list[tuple[str, int]]:
    return [(notice.kind, notice.minutes) for notice in notices(START, END, reminders)]


@pytest.mark.parametrize(
    ("reminders", "before_the_start"),
    [
        ([1440, 60], [("event.reminder", 1440), ("event.starting", 60)]),
        ([], [("event.starting", 60)]),
        ([45], [("event.starting", 60)]),
        ([75], [("event.starting", 60)]),
        ([44], [("event.starting", 60), ("event.reminder", 44)]),
        ([76], [("event.reminder", 76), ("event.starting", 60)]),
        ([10, 2880], [("event.reminder", 2880), ("event.starting", 60), ("event.reminder", 10)]),
    ],
)
def test_a_reminder_within_a_quarter_of_an_hour_of_the_start_notice_is_that_same_message(
    reminders: list[int], before_the_start: list[tuple[str, int]]
) -> None:
    assert kinds(*reminders) == [*before_the_start, ("event.ended", 0)]


@given(st.lists(st.integers(1, 40_000), max_size=5, unique=True))
def test_nobody_is_notified_twice_within_a_quarter_of_an_hour_of_the_start_notice(
    reminders: list[int],
) -> None:
    found = notices(START, END, reminders)
    near = [notice for notice in found if abs(notice.at - (START - timedelta(hours=1))) <= 15 * MINUTE]
    assert [notice.kind for notice in near] == ["event.starting"]
    assert found == sorted(found)


def test_the_next_notice_is_the_first_that_is_still_ahead() -> None:
    def following(now: datetime) -> datetime | None:
        return next_at(START, END, [1440, 60], now=now)

    assert following(START - timedelta(days=9)) == START - timedelta(days=1)
    assert following(START - timedelta(days=1)) == START - timedelta(hours=1)
    assert following(START - timedelta(minutes=5)) == END
    assert following(END) is None


@pytest.mark.parametrize(
    ("now", "sent"),
    [
        (START - timedelta(days=1), "event.reminder"),
        (START - timedelta(hours=3), "event.reminder"),
        (START - timedelta(hours=1), "event.starting"),
        (START - MINUTE, "event.starting"),
        (START, None),
        (END - MINUTE, None),
        (END, "event.ended"),
        (END + timedelta(hours=24) - MINUTE, "event.ended"),
        (END + timedelta(hours=24), None),
    ],
)
def test_after_an_outage_only_the_latest_that_is_still_of_use_is_sent(
    now: datetime, sent: str | None
) -> None:
    due = [notice for notice in notices(START, END, [1440, 60]) if notice.at <= now]
    notice = of_use(due, starts_at=START, ends_at=END, now=now)
    assert (notice.kind if notice else None) == sent


def test_where_nothing_is_due_nothing_is_sent() -> None:
    assert of_use([], starts_at=START, ends_at=END, now=START) is None


def test_a_day_before_is_24_hours_also_when_clocks_change() -> None:
    from zoneinfo import ZoneInfo

    start = datetime(2026, 10, 25, 10, tzinfo=ZoneInfo("Europe/London"))
    first = notices(start, start + timedelta(hours=1), [1440])[0]
    assert first == Notice(datetime(2026, 10, 24, 10, tzinfo=UTC), "event.reminder", 1440)


def test_each_is_told_in_utc_whatever_the_zone_of_the_event() -> None:
    starts_at = datetime(2026, 12, 3, 10, tzinfo=ZoneInfo("Africa/Johannesburg"))
    found = notices(starts_at, starts_at + timedelta(hours=2), [24 * 60])
    assert [notice.at.tzinfo for notice in found] == [UTC, UTC, UTC]
