"""Until when a result keeps somebody off the list."""

from datetime import date, timedelta

import pytest

from home.models import FollowUp
from home.worklist.results import AS_LONG_AS_IT_HOLDS, back_on, days_for, next_working_day

Result = FollowUp.Result
TUESDAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("result", "until", "back"),
    [
        (Result.WILL_COME, date(2026, 11, 26), date(2026, 11, 27)),
        (Result.WILL_COME, TUESDAY, date(2026, 11, 25)),
        (Result.CALL_LATER, date(2026, 11, 30), date(2026, 11, 30)),
        (Result.CALL_LATER, None, date(2026, 11, 25)),
        (Result.NO_ANSWER, None, date(2026, 11, 25)),
        (Result.WRONG_NUMBER, None, AS_LONG_AS_IT_HOLDS),
        (Result.MOVED, None, date(2026, 12, 1)),
        (Result.DIED, None, date(2026, 12, 1)),
        (Result.OTHER, None, date(2026, 12, 1)),
    ],
)
def test_each_result_has_its_time(result: str, until: date | None, back: date) -> None:
    assert back_on(result, until=until, today=TUESDAY) == back


def test_nobody_is_called_later_on_the_same_day() -> None:
    assert days_for(Result.WILL_COME, today=TUESDAY) == (TUESDAY, TUESDAY + timedelta(days=60))
    assert days_for(Result.CALL_LATER, today=TUESDAY) == (
        date(2026, 11, 25),
        TUESDAY + timedelta(days=60),
    )
    assert days_for(Result.NO_ANSWER, today=TUESDAY) is None


def test_a_clinic_is_open_from_monday_to_friday() -> None:
    assert next_working_day(TUESDAY) == date(2026, 11, 25)
    assert next_working_day(date(2026, 11, 27)) == date(2026, 11, 30)


def test_it_is_closed_on_public_holidays() -> None:
    """Friday is Christmas, and Saturday the Day of Goodwill; and 1 January is a Friday."""
    assert next_working_day(date(2026, 12, 24)) == date(2026, 12, 28)
    assert next_working_day(date(2026, 12, 31)) == date(2027, 1, 4)
