"""Whether the next way of a plan is used, by what became of those before it."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from notifications.rules.plans import Progress, Stage, Step
from notifications.types import Reason

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
PLAN = (Step("push", 0), Step("email", 15), Step("sms", 30))


class Example(NamedTuple):
    """What becomes at `NOW` of that step of `PLAN`: it is sent (None), waits until a moment, or is never sent."""

    step: int
    others: tuple[Progress, ...]
    seen: bool
    outcome: Reason | datetime | None


def _ago(minutes: int) -> datetime:
    return NOW - timedelta(minutes=minutes)


EXAMPLES = (
    Example(0, (), False, None),
    Example(1, (Progress(0, Stage.SENT, _ago(14)),), False, NOW + timedelta(minutes=1)),
    Example(1, (Progress(0, Stage.SENT, _ago(15)),), False, None),
    Example(1, (Progress(0, Stage.OVER),), False, None),
    Example(1, (Progress(0, Stage.RETRYING),), False, None),
    Example(1, (Progress(0, Stage.SENT, _ago(5)),), True, Reason.REACHED),
    Example(2, (Progress(0, Stage.SENT, _ago(45)), Progress(1, Stage.SENT, _ago(30))), False, None),
    Example(1, (Progress(0, Stage.SENT, _ago(45)), Progress(2, Stage.ARRIVED)), False, Reason.REACHED),
    Example(2, (Progress(0, Stage.SENT, _ago(16)), Progress(1, Stage.OVER)), False, None),
    Example(0, (Progress(1, Stage.SENT, _ago(1)),), False, Reason.OVERTAKEN),
)
