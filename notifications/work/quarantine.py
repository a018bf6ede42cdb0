"""Rows that stop their workers: kept apart while they are suspected, and given up when they are known as poison.

A row whose worker died may be what killed it, or may only have been there. So in one process one such row is worked on
at a time: if the process dies again, it is known of which. That one comes after all others, for still it may only have
been there.
"""

from datetime import datetime

from django.db.models import F

from notifications.models import Work
from notifications.models.work import POISON
from notifications.types import Reason
from notifications.work.one_at_a_time import OneAtATime

suspects = OneAtATime()
"""Admits the owner of the one claim of this process that holds a row whose worker died."""


def is_undoubted(row: tuple[int, datetime | None, int]) -> bool:
    """Whether a row that may be taken (its id, the end of the lease that it was found under, its crashes) wasn't alone
    when its worker died.
    """
    _id, lease_until, crashes = row
    return lease_until is None or not crashes


def give_up_poison(model: type[Work], *, now: datetime) -> int:
    """Give up the rows that stopped their worker too often; how many there were."""
    return model._default_manager.filter(POISON, lease_until__lt=now).update(
        finished_at=now,
        lease_owner="",
        lease_until=None,
        crashes=F("crashes") + 1,
        reason=Reason.CRASHED,
        **model.GIVEN_UP,
    )
