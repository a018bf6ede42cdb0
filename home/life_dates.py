"""Whether the dates of a life can be true. Pure."""

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

OLDEST = 122
"""In years: nobody was ever proven to be older. A spreadsheet shows an age as a day of 1900."""


def life_date_problems(*, born: date | None, died: date | None, today: date) -> dict[str, Any]:
    """What is wrong, in words, by "date_of_birth" and "deceased_on"; empty when both can be true."""
    found: dict[str, Any] = {}
    if born and born > today:
        found["date_of_birth"] = _("This day is still to come. Please check the date of birth.")
    elif born and born.year < today.year - OLDEST:
        found["date_of_birth"] = _("Nobody is this old. Please check the year.")
    if died and died > today:
        found["deceased_on"] = _("This day is still to come.")
    elif died and born and died < born:
        found["deceased_on"] = _("This is before the date of birth.")
    return found
