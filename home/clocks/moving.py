"""Following changed clocks, a batch of patients at a time; whichever worker dies, none is forgotten.

A batch is one transaction: what hangs on the clocks is moved, and the changes are finished, or neither. It holds the
patients first, as whoever changes them does, and finishes only what is its own still: another change of a patient,
made meanwhile, is done anew.
"""

import logging
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from home.models import ClockChange, Patient
from home.signals import patient_clock_changed
from notifications.database_errors import is_lost
from notifications.rules.retries import RetryPolicy
from notifications.work.leases import Claim, claim

logger = logging.getLogger(__name__)

MOVE_CLOCKS = "move_clocks"
"""What wakes a worker for it."""
AT_ONCE = 20
"""Patients of a batch: some thousand doses, so that whoever wants one of them doesn't wait long."""
_PAUSES = RetryPolicy(
    (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6)), jitter=0
)
"""The last of them again and again: a patient whose doses can't be moved is never given up."""
_IN_HAND = timedelta(seconds=5)
"""After which a patient comes again whom somebody is just changing."""


class UnmovedError(Exception):
    """Some of what hangs on a patient's clock could not be moved; the log says why."""


def clocks_move_next(*, now: datetime, **only: Any) -> bool:
    """Follow the next changed clocks, or those of `only`, filters of ClockChange; False when there are none.

    Safe on many machines at once, and to repeat. A patient whose doses can't be moved keeps nobody else's from it.
    """
    taken = claim(ClockChange, now=now, limit=AT_ONCE, **only)
    if not taken:
        return False
    with taken.outlived():
        _move(taken, taken.ids)
    return True


def _move(taken: Claim, ids: Collection[int]) -> None:
    try:
        with transaction.atomic():
            ours, left = _move_all(taken, ids)
            taken.finish([id_ for id_ in ours if id_ not in left], error="")
    except Exception as error:
        if is_lost(error):
            raise  # which no patient is to blame for
        if len(ids) > 1:
            # One of them is bad: each alone, so that it takes no other with it.
            for id_ in ids:
                if taken.renew([id_]):
                    _move(taken, [id_])
            return
        logger.exception("What hangs on the clock of change %(change)s can't be moved.", {"change": [*ids]})
        _fail(taken, ids, error)
        return
    if left:
        _fail(taken, left, UnmovedError("Not all could be moved."))
    if waiting := [id_ for id_ in ids if id_ not in ours]:
        taken.release(waiting, due_at=taken.clock() + _IN_HAND)


def _move_all(taken: Claim, ids: Collection[int]) -> tuple[set[int], set[int]]:
    """The changes of these that were ours to follow, and those of them of which something could not be moved."""
    changes = ClockChange.objects.filter(id__any_of=ids, lease_owner=taken.owner)
    patients = Patient.objects.filter(pk__in=changes.values("patient")).order_by("pk")
    held = list(patients.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True))
    ours = dict(changes.filter(patient__any_of=held).select_for_update().values_list("patient_id", "pk"))
    answers: list[tuple[Any, Any]] = patient_clock_changed.send(
        ClockChange, patient_ids=sorted(ours), now=taken.clock()
    )
    left = {ours[patient_id] for _receiver, unmoved in answers for patient_id in unmoved or ()}
    return set(ours.values()), left


def _fail(taken: Claim, ids: Collection[int], error: Exception) -> None:
    """They are tried again, later each time."""
    failures = dict(ClockChange.objects.filter(id__any_of=ids).values_list("pk", "failures"))
    for before in sorted(set(failures.values())):
        same = [id_ for id_, count in failures.items() if count == before]
        taken.fail(error, _PAUSES, failures=min(before, len(_PAUSES.delays) - 1), ids=same)
