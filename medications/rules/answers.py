"""Which answers to a dose are possible: when it was taken, and how much of it."""

from datetime import datetime, timedelta
from decimal import Decimal

from medications.rules.errors import RuleError

EARLIEST = timedelta(hours=12)
"""So long before it is due a dose may have been taken."""

LATER = (15, 30, 60, 120)
"""Minutes after which one may ask to be reminded again."""

ANSWERED_FOR = timedelta(days=8)
"""How long after its due time an answer is taken: the last seven local days of any zone, and today."""


def check_taken_at(taken_at: datetime, *, due_at: datetime, now: datetime) -> None:
    """RuleError("taken_at") for a moment that is still to come, or long before the dose was due. All are aware."""
    if taken_at > now:
        raise RuleError("taken_at", "taken_at: this time is still to come.")
    if taken_at < due_at - EARLIEST:
        raise RuleError("taken_at", "taken_at: this is more than 12 hours before the dose was due.")


def check_part(quantity: Decimal, *, whole: Decimal) -> None:
    """RuleError("quantity") for nothing, and for more than the whole dose."""
    if quantity <= 0:
        raise RuleError("quantity", "quantity: this must be more than 0.")
    if quantity > whole:
        raise RuleError(
            "quantity", "quantity: this is more than the dose. Record what was more as an extra dose."
        )


def is_over(due_at: datetime, *, now: datetime) -> bool:
    """Whether a dose is so long past that its answer stays as it is."""
    return due_at < now - ANSWERED_FOR
