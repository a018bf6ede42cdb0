"""On which days clinics are closed as the whole country is. The pure rules of events, which know nothing of this app,
ask the same package."""

from collections.abc import Collection
from datetime import date
from functools import lru_cache


def is_public_holiday(day: date) -> bool:
    """Whether this is a public holiday of South Africa, observed Mondays and declared days included."""
    return day in _of_year(day.year)


@lru_cache(maxsize=8)
def _of_year(year: int) -> Collection[date]:
    # It loads the holidays of 200 countries: not at the start of a process that asks for none.
    from holidays.countries.south_africa import SouthAfrica  # noqa: PLC0415

    return frozenset(SouthAfrica(years=year))
