"""On which days a visit may be. Pure: `today` is an argument, the clinic's local date."""

from calendar import monthrange
from datetime import date, timedelta
from enum import StrEnum

from events.rules.public_holidays import is_public_holiday

MOST_MONTHS = 13
"""A yearly check-up that slips by a month is the furthest that anybody plans."""
OFFERED_DAYS = 14
"""Patients choose a day among those of so many days."""
_SATURDAY, _SUNDAY = 5, 6


class DayProblem(StrEnum):
    """Why a visit can't be on a day."""

    PAST = "past"
    TOO_FAR = "too_far"


class DayQuestion(StrEnum):
    """What staff are asked before a visit is planned on a day."""

    SUNDAY = "sunday"
    HOLIDAY = "holiday"


def problem_of(day: date, *, today: date) -> DayProblem | None:
    """Why there can't be a visit on this day; None where there can."""
    if day < today:
        return DayProblem.PAST
    return DayProblem.TOO_FAR if day > in_months(today, MOST_MONTHS) else None


def question_about(day: date) -> DayQuestion | None:
    """What is to be asked about this day; None for a usual one."""
    if is_public_holiday(day):
        return DayQuestion.HOLIDAY
    return DayQuestion.SUNDAY if day.weekday() == _SUNDAY else None


def is_working_day(day: date) -> bool:
    """Whether it is one from Monday to Friday, and no public holiday."""
    return day.weekday() < _SATURDAY and not is_public_holiday(day)


def working_day_before(day: date) -> date:
    """This day, or the last working day before it: who comes later may have run out."""
    while not is_working_day(day):
        day -= timedelta(days=1)
    return day


def offered(today: date) -> list[date]:
    """The days that patients may choose themselves: working days, from tomorrow on."""
    days = (today + timedelta(days=number) for number in range(1, OFFERED_DAYS + 1))
    return [day for day in days if is_working_day(day)]


def in_months(day: date, months: int) -> date:
    """The same day of the month, so many months later; the last one of a month that is too short."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
