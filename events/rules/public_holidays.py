"""The public holidays of South Africa, observed Mondays and declared days included."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache


def is_public_holiday(day: date) -> bool:
    """Whether this is a public holiday. None is known before 1911 or after 2100, nor one declared since the
    `holidays` package was brought up to date."""
    return day in _of_year(day.year)


def public_holiday(day: date) -> str:
    """The name of this public holiday, as the `holidays` package has it in English; empty for any other day."""
    return _of_year(day.year).get(day, "")


@lru_cache(maxsize=64)
def _of_year(year: int) -> Mapping[date, str]:
    # It loads the holidays of 200 countries: not at the start of a process that asks for none.
    from holidays.countries.south_africa import SouthAfrica  # noqa: PLC0415

    return dict(SouthAfrica(years=year))
