"""When missed days are worth a call. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

WINDOW = 7
"""The local days that are looked at; today is the last of them."""
_MANY, _IN_A_ROW = 3, 2
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class MissedDays:
    """On how many days of the window a dose was missed, and the first of them."""

    days: int
    since: date


def missed_days(days: Collection[date], *, today: date) -> MissedDays | None:
    """What these days with missed doses come to: three of the last seven, or two in a row up to today or yesterday;
    None where they are fewer.
    """
    begins = today - timedelta(days=WINDOW - 1)
    found = {day for day in days if begins <= day <= today}
    in_a_row = any(
        all(last - _ONE_DAY * back in found for back in range(_IN_A_ROW))
        for last in (today, today - _ONE_DAY)
    )
    if len(found) < _MANY and not in_a_row:
        return None
    return MissedDays(len(found), min(found))
