"""Ages as they are said at a desk, and as lists show them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from home.ages import age_on, age_words, read_age

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("34", date(1992, 7, 1)),
        ("34 years", date(1992, 7, 1)),
        ("34 jr.", date(1992, 7, 1)),
        ("34 jaar oud", date(1992, 7, 1)),
        ("about 34", date(1992, 7, 1)),
        ("ongeveer 34 jaar", date(1992, 7, 1)),
        ("34y", date(1992, 7, 1)),
        ("1961", date(1961, 7, 1)),
        ("8 months", date(2026, 3, 24)),
        ("8 Maande", date(2026, 3, 24)),
        ("11m", date(2025, 12, 24)),
        ("3 weke", date(2026, 11, 3)),
        ("5 days", date(2026, 11, 19)),
        ("0", date(2026, 7, 1)),
    ],
)
def test_an_age_gives_a_day(text: str, day: date) -> None:
    assert read_age(text, today=TODAY) == day


@pytest.mark.parametrize(
    "text", ["", "27/5/1992", "27 May 1992", "thirty", "-3", "34 moons", "2026", "2027", "12 03 1961", "34.5"]
)
def test_what_is_no_age_is_left_to_the_dates(text: str) -> None:
    assert read_age(text, today=TODAY) is None


@given(st.integers(0, 120), st.dates(date(2020, 1, 1), date(2030, 12, 31)))
def test_the_day_has_the_age_that_was_said(years: int, today: date) -> None:
    day = read_age(str(years), today=today)
    assert day is not None
    assert age_on(day, today) == years
    assert day <= today


@given(st.integers(0, 40), st.dates(date(2020, 1, 1), date(2030, 12, 31)))
def test_months_are_as_many_as_were_said(months: int, today: date) -> None:
    day = read_age(f"{months} months", today=today)
    assert day is not None
    assert 12 * (today.year - day.year) + today.month - day.month == months


@pytest.mark.parametrize(
    ("born", "words"),
    [
        (date(1992, 5, 27), "34 years"),
        (date(1992, 11, 25), "33 years"),
        (date(2025, 9, 20), "14 months"),
        (date(2026, 11, 3), "3 weeks"),
        (date(2026, 11, 10), "2 weeks"),
        (date(2026, 11, 11), "13 days"),
        (date(2026, 11, 24), "0 days"),
        (date(2026, 11, 25), ""),
        (None, ""),
    ],
)
def test_an_age_in_words(born: date | None, words: str) -> None:
    assert age_words(born, TODAY) == words


def test_in_brief_years_are_a_number_alone() -> None:
    assert age_words(date(1992, 5, 27), TODAY, brief=True) == "34"
    assert age_words(date(2025, 9, 20), TODAY, brief=True) == "14 months"
