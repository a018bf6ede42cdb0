"""A pattern that several series share, and what becomes of each when it is changed."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from events.rules.config import RecurringConfig, parse
from events.rules.shared_pattern import common, common_pattern, followed, keeps_own


def weekly(*weekdays: int, **more: Any) -> RecurringConfig:
    given = {"type": "weekly", "weekdays": list(weekdays), "start_time": "10:00", "end_time": "11:00"}
    return parse(given | more)


def test_what_most_have_is_common_and_of_as_many_the_first() -> None:
    assert common(["a", "b", "b"]) == "b"
    assert common(["a", "b"]) == "a"
    with pytest.raises(ValueError, match=r"^There are no values\.$"):
        common([])


def test_each_thing_is_common_by_itself() -> None:
    late = weekly(1, start_time="14:00", end_time="15:00")
    assert common_pattern([late, weekly(1), weekly(2), weekly(1, skip_dates=["2026-12-01"])]) == weekly(1)


def test_it_follows_in_what_it_had_the_same() -> None:
    shown, new = weekly(1), weekly(3, skip_public_holidays=True)
    own = weekly(1, start_time="14:00", end_time="15:00", until="2027-01-31")
    assert followed(own, shown=shown, new=new) == replace(own, weekdays=(3,), skip_public_holidays=True)
    assert not keeps_own(own, shown=shown, new=new)


def test_what_it_has_of_its_own_stays() -> None:
    own = weekly(4)
    assert followed(own, shown=weekly(1), new=weekly(3)) == own
    assert keeps_own(own, shown=weekly(1), new=weekly(3))
    assert not keeps_own(own, shown=weekly(1), new=weekly(4))
    assert not keeps_own(own, shown=weekly(1), new=weekly(1))


def test_a_day_of_one_kind_of_pattern_means_nothing_in_another() -> None:
    monthly = parse({"type": "monthly", "month_day": 15, "start_time": "10:00", "end_time": "11:00"})
    assert followed(weekly(1), shown=weekly(1), new=monthly) == monthly
    assert followed(monthly, shown=weekly(1), new=weekly(2)) == monthly


def test_dates_that_are_left_out_come_and_go_and_its_own_stay() -> None:
    shown = weekly(1, skip_dates=["2026-12-01", "2026-12-08"])
    new = weekly(1, skip_dates=["2026-12-08", "2026-12-22"])
    own = weekly(1, skip_dates=["2026-12-01", "2026-12-15"])
    assert followed(own, shown=shown, new=new).skip_dates == {date(2026, 12, 15), date(2026, 12, 22)}
