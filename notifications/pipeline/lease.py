"""Taking work, and giving it back.

A worker takes due rows in one short transaction and holds them under a lease in its own name. Nothing is locked
while it works: whoever takes longer than the lease has lost the rows, and what it reports then counts for nothing.
"""

import os
import secrets
import socket
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from notifications.models import Work
from notifications.pipeline.suspect import suspects

MAX_CRASHES = 3
CRASHED = f"It stopped its worker {MAX_CRASHES} times and was given up."


def due(model: type[Work], now: datetime) -> Q:
    """What may be taken: due, unfinished, held by nobody, and not deadly."""
    return Q(due_at__lte=now, finished_at__isnull=True) & (
        Q(lease_until__isnull=True) | Q(lease_until__lt=now, crashes__lt=MAX_CRASHES - 1)
    )


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
        rows = self.model._default_manager.filter(lease_owner=self.owner, finished_at__isnull=True)
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


def claim(model: type[Work], *, now: datetime, limit: int, **filters: Any) -> Claim:
    """Take at most `limit` due rows, first things first.

    A row whose worker died waits no longer than others, but is taken alone: one deadly row takes none with it.
    """
    owner = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"
    until = now + model.LEASE
    rows = model._default_manager.filter(due(model, now), **filters).order_by(*model.ORDER)
    with transaction.atomic():
        locked = rows.select_for_update(skip_locked=True)
        ids, crashes = _suspect(locked, owner, now, until), 1
        if not ids:
            ids, crashes = list(_fresh(locked)[:limit]), 0
        if ids:
            model._default_manager.filter(id__any_of=ids).update(
                attempts=F("attempts") + 1,
                crashes=F("crashes") + crashes,
                lease_owner=owner,
                lease_until=until,
                **model.CLAIMED,
            )
    return Claim(model, owner, tuple(ids), until)


def _suspect(locked: QuerySet[Any], owner: str, now: datetime, until: datetime) -> list[int]:
    """The first row, if its worker died and no other such row is being worked on in this process."""
    first = locked.values_list("id", "lease_until").first()
    if first is None or first[1] is None or not suspects.admit(owner, now=now, until=until):
        return []
    return [first[0]]


def _fresh(locked: QuerySet[Any]) -> QuerySet[Any, int]:
    return locked.filter(lease_until__isnull=True).values_list("id", flat=True)


def bury(model: type[Work], *, now: datetime) -> int:
    """Give up the rows that stopped their worker too often; how many there were."""
    deadly = model._default_manager.filter(
        finished_at__isnull=True, lease_until__lt=now, crashes__gte=MAX_CRASHES - 1
    )
    return deadly.update(
        finished_at=now,
        lease_owner="",
        lease_until=None,
        crashes=F("crashes") + 1,
        error=CRASHED,
        **model.BURIED,
    )
