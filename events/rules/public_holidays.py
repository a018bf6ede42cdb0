"""The public holidays of South Africa, observed Mondays and declared days included."""

from datetime import date
from functools import lru_cache

from holidays.countries import SouthAfrica


def is_public_holiday(day: date) -> bool:
    """Whether this is a public holiday. None is known before 1911 or after 2100, nor one declared since the
    `holidays` package was brought up to date."""
    return day in _of_year(day.year)


@lru_cache(maxsize=64)
def _of_year(year: int) -> frozenset[date]:
    return frozenset(SouthAfrica(years=year))
