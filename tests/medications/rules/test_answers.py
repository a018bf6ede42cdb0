"""What may be answered to a dose: when it was taken and how much of it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from medications.rules.answers import check_part, check_taken_at, is_over
from medications.rules.errors import RuleError

NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize("hours", [-12, -1, 0, 3, 40])
def test_it_was_taken_since_it_was_due_or_some_hours_before(hours: int) -> None:
    check_taken_at(NOW + hours * HOUR, due_at=NOW, now=NOW + 40 * HOUR)


@pytest.mark.parametrize("hours", [-12.01, -24, 40.01])
def test_long_before_and_still_to_come_are_refused(hours: float) -> None:
    with pytest.raises(RuleError, match="taken_at"):
        check_taken_at(NOW + hours * HOUR, due_at=NOW, now=NOW + 40 * HOUR)


@pytest.mark.parametrize(
    ("quantity", "possible"), [("0.5", True), ("2", True), ("0", False), ("2.001", False)]
)
def test_a_part_is_more_than_nothing_and_at_most_the_dose(quantity: str, possible: bool) -> None:
    if possible:
        check_part(Decimal(quantity), whole=Decimal(2))
    else:
        with pytest.raises(RuleError, match="quantity"):
            check_part(Decimal(quantity), whole=Decimal(2))


def test_a_dose_can_be_answered_for_a_week() -> None:
    assert not is_over(NOW, now=NOW + timedelta(days=7, hours=23))
    assert is_over(NOW, now=NOW + timedelta(days=8, minutes=1))
