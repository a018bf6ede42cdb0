"""Ages, as people say them where the date of birth isn't known, and as pages show them. Pure."""

import re
from datetime import date, timedelta

from django.utils.translation import ngettext

_AGE = re.compile(
    r"(?:about |omtrent |ongeveer |\+- ?|~ ?)?(\d{1,3}) ?"
    r"(years?|yrs?|y|jaar|jare|jr|j|months?|mths?|m|maand|maande|weeks?|wks?|w|week|weke|days?|d|dag|dae)?"
    r"(?: old| oud)?\.?",
    re.ASCII,
)
_YEAR = re.compile(r"(1[89]|20)\d\d", re.ASCII)
_IN_MONTHS = 24
"""Months up to which a child's age is said in months."""
_IN_WEEKS = 13
"""Weeks up to which it is said in weeks, and below in days."""
_IN_DAYS = 2


def read_age(text: str, *, today: date) -> date | None:
    """A day on which somebody of this age may have been born: "34", "34 years", "8 maande", or the year "1961".

    The first of July where only the year is known, so that the age is today what was said. None for anything else.
    """
    written = " ".join(text.split()).casefold()
    if _YEAR.fullmatch(written):
        return date(int(written), 7, 1) if int(written) < today.year else None
    found = _AGE.fullmatch(written)
    if found is None:
        return None
    count, unit = int(found[1]), (found[2] or "y")[0]
    match "y" if unit == "j" else unit:
        case "y":
            if count > today.year - 1:
                return None
            return date(today.year - count - ((today.month, today.day) < (7, 1)), 7, 1)
        case "m":
            return _months_before(today, count)
        case "w":
            return today - timedelta(weeks=count)
        case _:
            return today - timedelta(days=count)


def age_on(born: date, day: date) -> int:
    """In whole years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def age_words(born: date | None, day: date, *, brief: bool = False) -> str:
    """As "34 years", "14 months", "3 weeks" or "5 days", in the active language; where it is `brief`, years as "34".

    Empty where the birth isn't known, or is after that day.
    """
    if born is None or born > day:
        return ""
    months = 12 * (day.year - born.year) + day.month - born.month - (day.day < born.day)
    if months >= _IN_MONTHS:
        years = age_on(born, day)
        return (
            str(years) if brief else ngettext("%(count)d year", "%(count)d years", years) % {"count": years}
        )
    days = (day - born).days
    weeks = days // 7
    if weeks < _IN_DAYS:
        return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}
    if weeks < _IN_WEEKS:
        return ngettext("%(count)d week", "%(count)d weeks", weeks) % {"count": weeks}
    return ngettext("%(count)d month", "%(count)d months", months) % {"count": months}


def years_before(day: date, years: int) -> date:
    """The last day on which somebody was born who is so many years old on this day."""
    return _months_before(day, 12 * years)


def _months_before(day: date, months: int) -> date:
    year, month = divmod(12 * day.year + day.month - 1 - months, 12)
    last = (date(year + month // 11, (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))
