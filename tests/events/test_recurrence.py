"""The dates of what is told again and again are those of a series of events."""

from datetime import UTC, date, datetime

from notifications import recurrence

FRIDAYS = {
    "type": "weekly",
    "weekday": 4,
    "start_time": "08:30",
    "end_time": "08:30",
    "skip_dates": ["2026-12-11"],
    "until": "2026-12-18",
}


def test_they_are_those_of_the_pattern_with_what_is_left_out() -> None:
    found = list(recurrence.dates(FRIDAYS, date(2026, 12, 4), date(2026, 12, 31), "Africa/Johannesburg"))
    assert [(each.day.day, each.left_out) for each in found] == [(4, False), (11, True), (18, False)]
    assert found[0].at == datetime(2026, 12, 4, 6, 30, tzinfo=UTC)
