"""Taking work, and giving it back.

A worker takes due rows in one short transaction and holds them under a lease in its own name. Nothing is locked
while it works: whoever takes longer than the lease has lost the rows, and what it reports then counts for nothing.
"""

import logging
import os
import secrets
import socket
import threading
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from notifications.models import Work
from notifications.models.work import DEADLY, MAX_CRASHES
from notifications.work.quarantine import suspects

logger = logging.getLogger(__name__)

CRASHED = f"It stopped its worker {MAX_CRASHES} times and was given up."


@dataclass(frozen=True, slots=True)
class Claim:
    """Rows of one model, held in one name that nobody else has."""

    model: type[Work]
    owner: str
    ids: tuple[int, ...]
    until: datetime

    def __bool__(self) -> bool:
        return bool(self.ids)

    def _held(self, ids: Iterable[int] | None = None) -> QuerySet[Any]:
        # What is finished has no owner. Asking for that too would let the database look through all unfinished rows.
        rows = self.model._default_manager.filter(lease_owner=self.owner)
        return rows.filter(id__any_of=self.ids if ids is None else list(ids))

    def finish(self, ids: Iterable[int] | None = None, **fields: Any) -> int:
        """Say that these rows (all, without `ids`) are done; how many were still ours."""
        suspects.leave(self.owner)
        return self._held(ids).update(finished_at=timezone.now(), lease_owner="", lease_until=None, **fields)

    def postpone(self, ids: Iterable[int], *, due_at: datetime, **fields: Any) -> int:
        """Give rows back after an orderly failure, to be taken again at `due_at`."""
        suspects.leave(self.owner)
        return self._held(ids).update(
            due_at=due_at, failures=F("failures") + 1, lease_owner="", lease_until=None, **fields
        )

    def release(self, ids: Iterable[int], **fields: Any) -> int:
        """Give rows back untouched."""
        suspects.leave(self.owner)
        return self._held(ids).update(attempts=F("attempts") - 1, lease_owner="", lease_until=None, **fields)

    def renew(self, ids: Collection[int], **fields: Any) -> bool:
        """Hold all that is left for another lease; False when any of `ids` is lost."""
        self._held().update(lease_until=timezone.now() + self.model.LEASE, **fields)
        return self._held(ids).count() == len(ids)

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Renew the lease from beside for as long as what is inside takes; for work that can't do so itself."""
        done = threading.Event()

        def renew() -> None:
            while not done.wait(self.model.LEASE.total_seconds() / 3):
                try:
                    self.renew(self.ids)
                except DatabaseError:
                    logger.exception("The lease of %(owner)s could not be renewed.", {"owner": self.owner})
            connection.close()

        beside = threading.Thread(target=renew, name="lease", daemon=True)
        beside.start()
        try:
            yield
        finally:
            done.set()
            beside.join()


def count_due(model: type[Work], *, now: datetime, at_most: int = 1, **filters: Any) -> int:
    """How many rows `claim` may take now, counted no further than `at_most`."""
    count = 0
    for rows in _due(model, now, filters):
        count += rows[: at_most - count].count()
        if count == at_most:
            break
    return count


def claim(model: type[Work], *, now: datetime, limit: int, **filters: Any) -> Claim:
    """Take at most `limit` due rows, first things first.

    A row whose worker died waits no longer than others, but is taken alone: one deadly row takes none with it.
    """
    owner = new_owner()
    until = now + model.LEASE
    with transaction.atomic():
        ids, crashes = _next(_due(model, now, filters), limit, owner=owner, now=now, until=until)
        if ids:
            hold(model, ids, crashes, owner=owner, until=until)
    return Claim(model, owner, tuple(ids), until)


def new_owner() -> str:
    """A name that nobody else has, and by which people find the process."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"


def hold(
    model: type[Work], ids: Iterable[int], crashes: int, *, owner: str, until: datetime, **fields: Any
) -> None:
    """Write down who holds these rows, and that each has had so many crashes more."""
    model._default_manager.filter(id__any_of=ids).update(
        attempts=F("attempts") + 1,
        crashes=F("crashes") + crashes,
        lease_owner=owner,
        lease_until=until,
        **model.CLAIMED,
        **fields,
    )


def free(model: type[Work], *, now: datetime) -> QuerySet[Any]:
    """What may be taken: due, unfinished, held by nobody, and not deadly."""
    nobodys = Q(lease_until__isnull=True) | Q(lease_until__lt=now, crashes__lt=MAX_CRASHES - 1)
    return model._default_manager.filter(nobodys, due_at__lte=now, finished_at__isnull=True)


def _due(model: type[Work], now: datetime, filters: dict[str, Any]) -> Iterator[QuerySet[Any]]:
    """What may be taken, class by class, first things first.

    In each class it is one range of the index on what is unfinished, read in its order: however many rows are
    finished or held for later, none of them is looked at.
    """
    rows = free(model, now=now).filter(**filters)
    for each in model.CLASSES:
        yield rows.filter(**each).order_by(*model.ORDER)


def _next(
    classes: Iterable[QuerySet[Any]], limit: int, *, owner: str, now: datetime, until: datetime
) -> tuple[list[int], int]:
    """Lock what comes next: new rows, or the one at the head if its worker died and no other such row is being
    worked on in this process. Gives their ids, and how many crashes each has had more than is written down.
    """
    taken: list[int] = []
    for rows in classes:
        locked = rows.select_for_update(skip_locked=True)
        room = limit - len(taken)
        found = list(locked.values_list("id", "lease_until")[:room])
        fresh = [id_ for id_, lease_until in found if lease_until is None]
        if len(fresh) < len(found):
            head, lease_until = found[0]
            if not taken and lease_until is not None and suspects.admit(owner, now=now, until=until):
                return [head], 1
            fresh = list(locked.filter(lease_until__isnull=True).values_list("id", flat=True)[:room])
        taken += fresh
        if len(taken) == limit:
            break
    return taken, 0


def bury(model: type[Work], *, now: datetime) -> int:
    """Give up the rows that stopped their worker too often; how many there were."""
    return model._default_manager.filter(DEADLY, lease_until__lt=now).update(
        finished_at=now,
        lease_owner="",
        lease_until=None,
        crashes=F("crashes") + 1,
        error=CRASHED,
        **model.BURIED,
    )
