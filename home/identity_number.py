"""South African identity numbers: YYMMDD, four digits for the sex, citizenship, one digit of old, a check digit. Pure.

Identification Act 68 of 1997, section 7; the check digit is Luhn's.
"""

from dataclasses import dataclass
from datetime import date

from home.life_dates import OLDEST

LENGTH = 13
_MALE_FROM = 5000
_CITIZENSHIPS = "012"
"""Citizen, permanent resident, refugee."""


class IdentityNumberError(ValueError):
    """The text is no identity number. `code` says why: length, date, check."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Identity:
    """What a number says. `births` are the days that it can mean, of two centuries, the latest first."""

    number: str
    births: tuple[date, ...]
    sex: str
    """f or m."""

    @property
    def born(self) -> date:
        return self.births[0]


def read_identity_number(text: str, *, today: date) -> Identity:
    """The number that is written, with spaces or without; IdentityNumberError where there can be none such."""
    number = "".join(text.split()).replace("-", "")
    if len(number) != LENGTH or not (number.isascii() and number.isdecimal()):
        raise IdentityNumberError("length")
    births = tuple(
        day for century in (2000, 1900) if (day := _day(number, century)) and _can_live(day, today)
    )
    if not births:
        raise IdentityNumberError("date")
    if not _fits(number) or number[10] not in _CITIZENSHIPS:
        raise IdentityNumberError("check")
    return Identity(number, births, "m" if int(number[6:10]) >= _MALE_FROM else "f")


def _day(number: str, century: int) -> date | None:
    try:
        return date(century + int(number[:2]), int(number[2:4]), int(number[4:6]))
    except ValueError:
        return None


def _can_live(born: date, today: date) -> bool:
    return born <= today and born.year >= today.year - OLDEST


def _fits(number: str) -> bool:
    """Luhn: every second digit from the right counts twice, and the sum ends in 0."""
    twice = "0246813579"
    return sum(int(twice[int(d)] if at % 2 else d) for at, d in enumerate(reversed(number))) % 10 == 0
