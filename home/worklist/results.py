"""What a result of a call means: until when the patient is off the list, and which days may be given. Pure."""

from datetime import date, timedelta

from home.models import FollowUp
from home.public_holidays import is_public_holiday

Result = FollowUp.Result

FURTHEST = timedelta(days=60)
"""Who comes later than this is no longer followed up by a call of today."""
TRIES = 3
"""After so many different days on which nobody answered, somebody may be lost to follow-up."""
LONGEST_NOTE = 1000
_A_WEEK = timedelta(days=7)
_A_DAY = timedelta(days=1)
_SATURDAY = 5
AS_LONG_AS_IT_HOLDS = date(9999, 12, 31)
"""A wrong number is no number to call, until there is another."""


def back_on(result: str, *, until: date | None, today: date) -> date:
    """The first day on which they are on the list again.

    Who died or moved is taken off it by that act. Until somebody does it, the call is remembered for a week.
    """
    if result == Result.WILL_COME and until:
        return until + _A_DAY
    if result == Result.CALL_LATER and until:
        return until
    if result in (Result.CALL_LATER, Result.NO_ANSWER):
        return today + _A_DAY
    return AS_LONG_AS_IT_HOLDS if result == Result.WRONG_NUMBER else today + _A_WEEK


def days_for(result: str, *, today: date) -> tuple[date, date] | None:
    """The first and the last day that may be given with this result; None where none is."""
    if result == Result.WILL_COME:
        return today, today + FURTHEST
    return (today + _A_DAY, today + FURTHEST) if result == Result.CALL_LATER else None


def next_working_day(today: date) -> date:
    """From Monday to Friday, and no public holiday of South Africa."""
    day = today + _A_DAY
    while day.weekday() >= _SATURDAY or is_public_holiday(day):
        day += _A_DAY
    return day
