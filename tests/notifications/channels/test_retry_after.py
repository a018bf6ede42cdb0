from datetime import UTC, datetime, timedelta

import pytest

from notifications.channels.retry_after import LONGEST, retry_after

NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 120 ", 120),
        ("0", 0),
        ("999999999999999999999", 86400),
        ("Tue, 24 Nov 2026 06:05:00 GMT", 300),
        ("Tue, 24 Nov 2026 08:05:00 +0200", 300),
        ("Tue, 24 Nov 2026 06:05:00 -0000", 300),
        ("Tue, 24 Nov 2026 05:55:00 GMT", 0),
        ("Tue, 24 Nov 2037 06:00:00 GMT", 86400),
    ],
)
def test_a_wait_is_given_as_seconds_or_as_a_date_and_lasts_a_day_at_most(header: str, seconds: int) -> None:
    assert retry_after(header, now=NOW) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "header", [None, "", "soon", "-5", "1.5", "9" * 5000, "Tue, 99 Nov 2026 06:00:00 GMT"]
)
def test_what_is_neither_asks_for_no_wait(header: str | None) -> None:
    assert retry_after(header, now=NOW) is None


@pytest.mark.parametrize("header", ["901", "Tue, 24 Nov 2026 06:15:01 GMT"])
def test_who_can_wait_less_than_a_day_says_so(header: str) -> None:
    assert timedelta(minutes=15) < LONGEST
    assert retry_after(header, now=NOW, longest=timedelta(minutes=15)) == timedelta(minutes=15)
