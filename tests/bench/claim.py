"""Due doses are claimed and published while a million are due, next to as many while ten thousand are.

It must not take longer among more: the ratio should be near 1. It is the claim of the 08:00 job as one consumer makes
it, page by page, each committed: of all of the small table, and of the first `claimed` of the large one. `rate` and
`floor_rate` are doses a second.
"""

import time
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from medications.models import Dose
from medications.services.reminders import remind_by_pages
from notifications.tasks import settle
from tests.bench._result import Goal, Result
from tests.bench._tables import in_table, make_table

GOALS = (Goal("a million due doses, of ten thousand", at_least=0.9),)


@dataclass(frozen=True, slots=True)
class Size:
    """`few` and `many` are due, `claimed` of the many are claimed."""

    few: int = 10_000
    many: int = 1_000_000
    claimed: int = 100_000


SMALL = Size(few=500, many=2_000, claimed=1_000)


def prepare(size: Size) -> None:
    now = timezone.now().replace(second=0, microsecond=0)
    for rows in (size.few, size.many):
        make_table(Dose, rows, VALUES, "generate_series(1, %(rows)s) AS n", {"rows": rows, "now": now})


def run(size: Size) -> Result:
    settle()
    now = timezone.now()
    with transaction.atomic():  # so that nobody has to load or prepare anything later
        _claimed_a_second(size.few, 1, now)
        transaction.set_rollback(True)
    return Result(
        "claim",
        rows=size.many,
        rate=_claimed_a_second(size.many, size.claimed, now),
        floor_rate=_claimed_a_second(size.few, size.few, now),
    )


def _claimed_a_second(table: int, at_least: int, now: datetime) -> float:
    with in_table(table):
        claimed = 0
        start = time.perf_counter()
        for page in remind_by_pages(now=now):
            claimed += page
            if claimed >= at_least:
                break
        seconds = time.perf_counter() - start
    assert claimed >= at_least
    return claimed / seconds


VALUES = {
    "id": "n",
    "schedule_id": "n",
    "prescription_id": "n",
    "patient_id": "n",
    "due_at": "%(now)s",
    "quantity": "1",
    "next_reminder_at": "%(now)s",
    "remind_until": "%(now)s + interval '4 hours'",
    "missed_at": "%(now)s + interval '2 hours'",
}
