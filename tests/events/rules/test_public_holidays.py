"""Public holidays: a day is one or it isn't, and which it is."""

from datetime import date

import pytest

from events.rules.public_holidays import is_public_holiday, public_holiday


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 12, 16), "Day of Reconciliation"),
        (date(2026, 8, 9), "National Women's Day"),  # a Sunday,
        (date(2026, 8, 10), "National Women's Day (observed)"),  # so that Monday is one too
        (date(2026, 12, 17), ""),
        (date(1800, 12, 16), ""),
    ],
)
def test_its_name(day: date, name: str) -> None:
    assert public_holiday(day) == name
    assert is_public_holiday(day) is bool(name)
