"""Times and ages as people say them."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from medications.views import moments

JOHANNESBURG = ZoneInfo("Africa/Johannesburg")


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0.2, "in 1 min"), (1, "in 1 min"), (39.5, "in 40 min"), (59, "in 59 min"), (60, "in 1 h"), (89, "in 1 h"),
     (90, "in 2 h"), (668, "in 11 h")],
)  # fmt: skip
def test_a_wait(minutes: float, words: str) -> None:
    with translation.override("en"):
        assert moments.in_time(timedelta(minutes=minutes)) == words


@pytest.mark.parametrize(
    ("born", "words"),
    [
        (date(2026, 11, 24), "0 weeks"),
        (date(2026, 11, 17), "1 week"),
        (date(2026, 9, 25), "8 weeks"),
        (date(2026, 9, 24), "2 months"),
        (date(2025, 9, 24), "14 months"),
        (date(2024, 11, 25), "23 months"),
        (date(2024, 11, 24), "2 years"),
        (date(2014, 11, 25), "11 years"),
    ],
)
def test_an_age(born: date, words: str) -> None:
    with translation.override("en"):
        assert moments.age(born, date(2026, 11, 24)) == words


def test_a_moment_of_another_day_has_its_day() -> None:
    moment = datetime(2026, 11, 23, 23, 50, tzinfo=JOHANNESBURG)
    with translation.override("en"):
        assert moments.clock_or_day(moment, JOHANNESBURG, today=date(2026, 11, 23)) == "23:50"
        assert moments.clock_or_day(moment, JOHANNESBURG, today=date(2026, 11, 24)) == "23 Nov, 23:50"


@pytest.mark.parametrize(
    ("hour", "words"),
    [
        (3, "during the night"),
        (4, "this morning"),
        (12, "this afternoon"),
        (17, "this evening"),
        (21, "tonight"),
    ],
)
def test_a_part_of_the_day(hour: int, words: str) -> None:
    with translation.override("en"):
        assert moments.part_of_day(datetime(2026, 11, 24, hour, tzinfo=JOHANNESBURG)) == words
