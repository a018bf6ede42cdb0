"""Dates as people write them: day first, the year in full, and nothing that isn't a date."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.rules.written_dates import FIRST_YEAR, LAST_YEAR, WrittenDateError, read_day, read_moment


@pytest.mark.parametrize(
    "text",
    [
        "12/03/1961",
        "12/3/1961",
        "12-03-1961",
        "12.03.1961",
        "12. 3. 1961",
        "12 03 1961",
        "19610312",
        "1961-03-12",
        "1961/03/12",
        "1961.3.12",
        "12 March 1961",
        "12 march, 1961",
        "12 Mar 1961",
        "12 Mar. 1961",
        "12-Mar-1961",
        "12th March 1961",
        "12 Maart 1961",
        "12 Mrt 1961",
        "12 MRT. 1961",
        "12de Maart 1961",
        "March 12, 1961",
        "  12/03/1961 ",
        "\u00a012  March\t1961\n",
    ],
)
def test_it_reads_the_day_first(text: str) -> None:
    assert read_day(text) == date(1961, 3, 12)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1 Mei 2026", date(2026, 5, 1)),
        ("1 May 2026", date(2026, 5, 1)),
        ("24 Desember 2026", date(2026, 12, 24)),
        ("3 Okt 2026", date(2026, 10, 3)),
        ("3 Sept 2026", date(2026, 9, 3)),
        ("29/02/2024", date(2024, 2, 29)),
        ("10/11/2026", date(2026, 11, 10)),
    ],
)
def test_it_knows_the_months_of_both_languages(text: str, day: date) -> None:
    assert read_day(text) == day


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not_a_date"),
        ("yesterday", "not_a_date"),
        ("gister", "not_a_date"),
        ("12", "not_a_date"),
        ("1961", "not_a_date"),
        ("12/1961", "not_a_date"),
        ("March 1961", "not_a_date"),
        ("12 Ma 1961", "not_a_date"),
        ("12 Foo 1961", "not_a_date"),
        ("1961312", "not_a_date"),
        ("12//03//1961", "not_a_date"),
        ("１２/０３/１９６１", "not_a_date"),
        ("12/03/1961 08:00", "not_a_date"),
        ("NaN", "not_a_date"),
        ("0NaN-NaN-NaN", "not_a_date"),
        ("12/03/61", "short_year"),
        ("12 March 61", "short_year"),
        ("61-03-12", "short_year"),
        ("31/02/2026", "no_such_day"),
        ("29/02/2026", "no_such_day"),
        ("03/25/1961", "no_such_day"),
        ("00/03/1961", "no_such_day"),
        ("12031961", "year"),
        ("12/03/0061", "year"),
        ("12/03/19611", "year"),
        ("9999-12-31", "year"),
        ("12/03/" + "9" * 5000, "not_a_date"),
    ],
)
def test_it_refuses_what_is_no_date(text: str, code: str) -> None:
    with pytest.raises(WrittenDateError) as refused:
        read_day(text)
    assert refused.value.code == code


_DAYS = st.dates(date(1850, 1, 1), date(2150, 12, 31))


@given(
    _DAYS, st.sampled_from(["%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y%m%d", "%Y-%m-%d", "%d %B %Y", "%d %b %Y"])
)
def test_every_day_is_read_as_it_was_written(day: date, pattern: str) -> None:
    assert read_day(day.strftime(pattern)) == day


@given(st.text(max_size=30), st.sampled_from([read_day, read_moment]))
def test_nothing_else_breaks_it(text: str, read: Callable[[str], date]) -> None:
    with suppress(WrittenDateError):
        assert 1850 <= read(text).year <= 2150


@pytest.mark.parametrize(
    "text",
    [
        "24/11/2026 08:30",
        "24/11/2026 8:30",
        "24/11/2026, 08:30",
        "24 November 2026, 08:30",
        "24 November 2026 at 08:30",
        "24 November 2026 om 8h30",
        "24.11.2026 08:30",
        "20261124 08:30",
        "2026-11-24 08:30",
        "2026-11-24T08:30",
        "2026-11-24 08:30:00",
        " 24 Nov 2026  08h30 ",
    ],
)
def test_it_reads_a_day_with_its_time(text: str) -> None:
    assert read_moment(text) == datetime(2026, 11, 24, 8, 30)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("24/11/2026", "no_time"),
        ("24/11/2026 25:00", "no_time"),
        ("24/11/2026 08:60", "no_time"),
        ("24/11/26 08:00", "short_year"),
        ("31/11/2026 08:00", "no_such_day"),
        ("tomorrow 08:00", "not_a_date"),
        ("08:00", "not_a_date"),
        ("soon", "not_a_date"),
    ],
)
def test_it_refuses_a_moment_that_is_none(text: str, code: str) -> None:
    with pytest.raises(WrittenDateError) as refused:
        read_moment(text)
    assert refused.value.code == code


@pytest.mark.parametrize("year", [FIRST_YEAR, LAST_YEAR])
def test_the_first_and_the_last_year_can_be_written(year: int) -> None:
    assert read_day(f"1/1/{year}").year == year


@pytest.mark.parametrize("year", [FIRST_YEAR - 1, LAST_YEAR + 1])
def test_the_years_beside_them_are_a_slip_of_the_finger(year: int) -> None:
    with pytest.raises(WrittenDateError, match=r"^year$"):
        read_day(f"1/1/{year}")
