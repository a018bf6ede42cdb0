from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from notifications.texts import formats

MIDNIGHT = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)  # 00:30 on Tuesday the 24th in Johannesburg
MONTHS = (
    "Januarie, Februarie, Maart, April, Mei, Junie, Julie, Augustus, September, Oktober, November, Desember"
)
WEEKDAYS = "Maandag, Dinsdag, Woensdag, Donderdag, Vrydag, Saterdag, Sondag"


@pytest.fixture(autouse=True)
def johannesburg():
    with timezone.override("Africa/Johannesburg"):
        yield


@pytest.mark.parametrize(
    ("format", "value", "en", "af"),
    [
        (formats.text, "Metformin 500 mg", "Metformin 500 mg", "Metformin 500 mg"),
        (formats.text, 3, "3", "3"),
        (formats.day, date(2026, 11, 4), "4 November 2026", "4 November 2026"),
        (formats.day, date(2026, 12, 24), "24 December 2026", "24 Desember 2026"),
        (formats.day, MIDNIGHT, "24 November 2026", "24 November 2026"),
        (formats.weekday_day, date(2026, 11, 24), "Tuesday 24 November", "Dinsdag 24 November"),
        (formats.weekday_day, MIDNIGHT, "Tuesday 24 November", "Dinsdag 24 November"),
        (formats.clock, MIDNIGHT, "00:30", "00:30"),
        (formats.clock, datetime(2026, 11, 24, 6, tzinfo=UTC), "08:00", "08:00"),
        (formats.clock, datetime(2026, 11, 24, 18, 5, tzinfo=UTC), "20:05", "20:05"),
        (formats.number, 1, "1", "1"),
        (formats.number, 1200, "1200", "1200"),
        (formats.number, Decimal("1.00"), "1", "1"),
        (formats.number, Decimal("0.50"), "0.5", "0,5"),
        (formats.number, Decimal("-2.250"), "-2.25", "-2,25"),
        (formats.number, Decimal("1E+3"), "1000", "1000"),
        (formats.number, Decimal(100), "100", "100"),
        (formats.number, Decimal("-0.00"), "0", "0"),
        (
            formats.number,
            Decimal("0.1234567890123456789012345678901"),
            "0.1234567890123456789012345678901",
            None,
        ),
    ],
)
def test_a_value_reads_as_the_language_writes_it(format, value, en, af):
    with translation.override("en"):
        assert format(value) == en
    with translation.override("af"):
        assert format(value) == (en.replace(".", ",") if af is None else af)


def test_english_with_a_region_is_english():
    with translation.override("en-za"):
        assert formats.number(Decimal("0.5")) == "0.5"


def test_without_a_language_numbers_are_english():
    with translation.override(None):
        assert formats.number(Decimal("0.5")) == "0.5"


def test_months_and_weekdays_are_afrikaans():
    with translation.override("af"):
        assert ", ".join(formats.day(date(2026, month, 1)).split()[1] for month in range(1, 13)) == MONTHS
        assert ", ".join(formats.weekday_day(date(2026, 11, 2 + n)).split()[0] for n in range(7)) == WEEKDAYS


def test_a_clock_may_be_that_of_another_zone():
    assert formats.clock(MIDNIGHT, ZoneInfo("Europe/London")) == "22:30"


@pytest.mark.parametrize(
    ("words", "en", "af"),
    [
        ([], "", ""),
        (["Monday"], "Monday", "Monday"),
        (["08:00", "20:00"], "08:00 and 20:00", "08:00 en 20:00"),
        (["08:00", "14:00", "20:00"], "08:00, 14:00 and 20:00", "08:00, 14:00 en 20:00"),
    ],
)
def test_words_are_listed_as_one_says_them(words, en, af):
    with translation.override("en"):
        assert formats.listed(words) == en
    with translation.override("af"):
        assert formats.listed(words) == af


@pytest.mark.parametrize("format", [formats.day, formats.weekday_day, formats.clock])
def test_a_naive_datetime_is_refused(format):
    with pytest.raises(ValueError, match="naive"):
        format(datetime(2026, 11, 24, 8))
