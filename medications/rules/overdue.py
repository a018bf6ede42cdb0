"""When people are asked again about a vaccination that is overdue, and when its clinic is to look for them."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

LATE = timedelta(days=6)
"""How late an ask may be, after an outage. What has been overdue for longer, nobody was waiting to be asked about."""


def ask_now(due_on: date, today: date, days: Iterable[int]) -> int | None:
    """The number of days after which people are asked again, if that is now; the latest of several."""
    overdue = today - due_on
    asked = [after for after in days if timedelta(days=after) <= overdue <= timedelta(days=after) + LATE]
    return max(asked, default=None)


def asked_about(today: date, days: Iterable[int]) -> list[tuple[date, date]]:
    """The first and last due dates that `ask_now` may have to do with, wherever on Earth it is that day."""
    one = timedelta(days=1)
    return [
        (today - timedelta(days=after) - LATE - one, today - timedelta(days=after) + one) for after in days
    ]


def looked_for_on(due_on: date, days: Sequence[int], *, can_be_asked: bool) -> date:
    """The day from which it is on the nurse's list: that of the last ask; of the first, when there is nobody to ask."""
    return due_on + timedelta(days=days[-1] if can_be_asked else days[0])
