"""What a pattern says in words, and what a public holiday is called."""

from datetime import date
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from events.pattern_words import holiday_name, pattern_words
from events.rules.config import parse
from tests.events.rules.test_recurrence_properties import configs

FROM = {"start_date": "2026-11-24"}


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({"type": "weekly", "weekday": 1}, "Every Tuesday"),
        ({"type": "weekly", "weekdays": [0, 2, 4]}, "Every Monday, Wednesday and Friday"),
        ({"type": "weekly", "weekdays": [0, 1, 2, 3, 4, 5, 6]}, "Every day"),
        ({"type": "weekly", "weekday": 1, "interval": 2, **FROM}, "Every second Tuesday"),
        (
            {"type": "weekly", "weekdays": [1, 3], "interval": 2, **FROM},
            "Every second week on Tuesday and Thursday",
        ),
        ({"type": "weekly", "weekday": 1, "interval": 3, **FROM}, "Every 3 weeks on Tuesday"),
        ({"type": "monthly", "month_day": 15}, "Every month on day 15"),
        ({"type": "monthly", "month_day": -1}, "Every month on the last day"),
        ({"type": "monthly", "month_day": 31}, "Every month on day 31 (not in shorter months)"),
        (
            {"type": "monthly", "month_day": 31, "clamp": True},
            "Every month on day 31 (in a shorter month the last day)",
        ),
        ({"type": "monthly", "nth": 2, "weekday": 1}, "Every month on the second Tuesday"),
        ({"type": "monthly", "nth": -1, "weekday": 4}, "Every month on the last Friday"),
        (
            {"type": "monthly", "nth": 5, "weekday": 4},
            "Every month on the fifth Friday (only where there is a fifth)",
        ),
        (
            {"type": "monthly", "month_day": 8, "weekday": 4},
            "Every month on the first Friday on or after day 8",
        ),
        ({"type": "monthly", "month_day": 1, "interval": 2, **FROM}, "Every second month on day 1"),
        ({"type": "monthly", "month_day": 1, "interval": 5, **FROM}, "Every 5 months on day 1"),
        (
            {"type": "quarterly", "month_day": 15},
            "Every quarter on day 15 (January, April, July and October)",
        ),
        (
            {"type": "quarterly", "nth": 1, "weekday": 0, **FROM},
            "Every quarter on the first Monday (February, May, August and November)",
        ),
        (
            {"type": "quarterly", "nth": 1, "weekday": 0, "interval": 2, **FROM},
            "Every second quarter on the first Monday",
        ),
        ({"type": "yearly", "month": 11, "month_day": 24}, "Every year on 24 November"),
        ({"type": "yearly", "month": 2, "month_day": 29}, "Every year on 29 February (leap years only)"),
        (
            {"type": "yearly", "month": 2, "month_day": 29, "clamp": True},
            "Every year on 29 February (otherwise on the 28th)",
        ),
        (
            {"type": "yearly", "month": 4, "month_day": 31, "clamp": True},
            "Every year on the last day of April",
        ),
        (
            {"type": "yearly", "month": 4, "nth": 2, "weekday": 3},
            "Every year on the second Thursday of April",
        ),
        (
            {"type": "yearly", "month": 4, "month_day": 8, "weekday": 3},
            "Every year on the first Thursday on or after 8 April",
        ),
    ],
)
def test_the_days_are_said_as_a_person_says_them(raw: dict[str, Any], words: str) -> None:
    said = pattern_words(parse({"start_time": "10:00", "end_time": "11:30", **raw}))
    since = ", from 24 November 2026" if "start_date" in raw else ""
    assert said == f"{words}, 10:00 to 11:30{since}"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"end_time": "10:00"}, "Every Tuesday, 10:00 to 10:00 the next day"),
        ({"start_time": "22:00", "end_time": "02:00"}, "Every Tuesday, 22:00 to 02:00 the next day"),
        ({"until": "2027-06-30"}, "Every Tuesday, 10:00 to 11:30, until 30 June 2027"),
        ({**FROM, "count": 1}, "Every Tuesday, 10:00 to 11:30, from 24 November 2026, 1 time"),
        ({**FROM, "count": 8}, "Every Tuesday, 10:00 to 11:30, from 24 November 2026, 8 times"),
        ({"skip_public_holidays": True}, "Every Tuesday, 10:00 to 11:30, not on public holidays"),
        (
            {"skip_dates": ["2026-12-29", "2026-12-22"]},
            "Every Tuesday, 10:00 to 11:30, not on 22 December 2026 and 29 December 2026",
        ),
        (
            {"skip_dates": ["2026-12-01", "2026-12-08", "2026-12-15", "2026-12-22"]},
            "Every Tuesday, 10:00 to 11:30, without 4 dates",
        ),
        ({"active": False}, "Every Tuesday, 10:00 to 11:30 (no more events are created)"),
    ],
)
def test_times_range_and_what_is_left_out_follow(more: dict[str, Any], words: str) -> None:
    raw = {"type": "weekly", "weekday": 1, "start_time": "10:00", "end_time": "11:30", **more}
    assert pattern_words(parse(raw)) == words


@settings(deadline=None)  # the first of a language reads its catalogue
@given(configs(), st.sampled_from(["en", "af"]))
def test_every_pattern_has_words(raw: dict[str, Any], language: str) -> None:
    with translation.override(language):
        words = pattern_words(parse(raw))
    assert words[0].isupper()
    assert "%(" not in words
    assert ", ," not in words


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 12, 16), "Day of Reconciliation"),
        (date(2026, 8, 10), "National Women’s Day (observed)"),
        (date(2026, 11, 4), "Local Government Elections"),
        (date(2026, 11, 5), ""),
    ],
)
def test_a_public_holiday_has_its_name(day: date, name: str) -> None:
    assert holiday_name(day) == name
