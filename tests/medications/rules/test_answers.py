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


LONG_BEFORE = "taken_at: this is more than 12 hours before the dose was due."
STILL_TO_COME = "taken_at: this time is still to come."


@pytest.mark.parametrize(
    ("hours", "words"), [(-12.01, LONG_BEFORE), (-24, LONG_BEFORE), (40.01, STILL_TO_COME)]
)
def test_long_before_and_still_to_come_are_refused(hours: float, words: str) -> None:
    with pytest.raises(RuleError) as refused:
        check_taken_at(NOW + hours * HOUR, due_at=NOW, now=NOW + 40 * HOUR)
    assert (refused.value.field, str(refused.value)) == ("taken_at", words)


@pytest.mark.parametrize("quantity", ["0.5", "2"])
def test_a_part_is_more_than_nothing_and_at_most_the_dose(quantity: str) -> None:
    check_part(Decimal(quantity), whole=Decimal(2))


@pytest.mark.parametrize(
    ("quantity", "words"),
    [
        ("0", "quantity: this must be more than 0."),
        ("2.001", "quantity: this is more than the dose. Record what was more as an extra dose."),
    ],
)
def test_nothing_and_more_than_the_dose_are_refused(quantity: str, words: str) -> None:
    with pytest.raises(RuleError) as refused:
        check_part(Decimal(quantity), whole=Decimal(2))
    assert (refused.value.field, str(refused.value)) == ("quantity", words)


def test_a_dose_can_be_answered_for_a_week() -> None:
    assert not is_over(NOW, now=NOW + timedelta(days=8))
    assert is_over(NOW, now=NOW + timedelta(days=8, minutes=1))
