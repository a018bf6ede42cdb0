"""Taking work, and giving it back.

A worker takes due rows in one short transaction and holds them under a lease in its own name. Nothing is locked
while it works: whoever takes longer than the lease has lost the rows, and what it reports then counts for nothing.
"""

import logging
import os
import random
import secrets
import socket
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

from django.db import DatabaseError, Error, connection, transaction
from django.db.models import F, Q, QuerySet

from notifications.database_errors import is_full, is_lost, words_of
from notifications.models import Work
from notifications.models.lookups import Many
from notifications.models.work import MAX_CRASHES
from notifications.rules.retries import RetryPolicy
from notifications.work.clock import Clock, ticking
from notifications.work.marks import look
from notifications.work.one_row import update_held
from notifications.work.quarantine import is_undoubted, suspects

logger = logging.getLogger(__name__)

LONGEST_ERROR = 1000
UNTIL_THERE_IS_ROOM = timedelta(seconds=30)
"""Between two tries to write onto a disk that is full."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Rows of one model, held until a moment in one name that nobody else has. Its `clock` says what time it is."""

    model: type[Work]
    owner: str
    ids: tuple[int, ...]
    until: datetime
    clock: Clock

    def __bool__(self) -> bool:
        return bool(self.ids)

    def _held(self, ids: Iterable[int] | None = None) -> QuerySet[Any]:
        # What is finished has no owner. Asking for that too would let the database look through all unfinished rows.
        rows: QuerySet[Any] = self.model._default_manager.filter(lease_owner=self.owner)
        return rows.filter(id__any_of=Many(self.ids if ids is None else ids))

    def finish(self, ids: Iterable[int] | None = None, **fields: Any) -> int:
        """Say that these rows (all, without `ids`) are done; how many were still ours."""
        suspects.leave(self.owner)
        rows = self.ids if ids is None else tuple(ids)
        done = {"finished_at": self.clock(), "lease_owner": "", "lease_until": None, **fields}
        if len(rows) == 1 and not any(hasattr(each, "resolve_expression") for each in done.values()):
            return update_held(self.model, rows[0], self.owner, done)
        return self._held(rows).update(**done)

    def postpone(self, ids: Iterable[int], *, due_at: datetime, **fields: Any) -> int:
        """Give rows back after an orderly failure, to be taken again at `due_at`."""
        suspects.leave(self.owner)
        return self._held(ids).update(
            due_at=due_at, failures=F("failures") + 1, lease_owner="", lease_until=None, **fields
        )

    def fail(
        self,
        error: Exception,
        policy: RetryPolicy,
        *,
        failures: int,
        ids: Iterable[int] | None = None,
        valid_until: datetime | None = None,
        **fields: Any,
    ) -> datetime | None:
        """These rows (all, without `ids`) failed: they are tried again as the policy says, or given up for good.

        `failures` are those of before. Gives back when they are tried again; None when they are not. An error that says
        that it is permanent ends it at once (`notifications.exceptions`). Nothing is tried at or after `valid_until`.
        While the database's disk is full no row is to blame: that counts as no failure, however long it takes. `fields`
        are set in any case.
        """
        rows = self.ids if ids is None else tuple(ids)
        said = said_of(error)
        if is_full(error):
            again = self.clock() + UNTIL_THERE_IS_ROOM
            self.release(rows, due_at=again, error=said, **self.model.TRIED_AGAIN, **fields)
            return again
        at = policy.next_attempt(
            failures=failures + 1,
            error=error,
            now=self.clock(),
            valid_until=valid_until,
            random=random.random(),
        )
        if at is None:
            self.finish(rows, error=said, failures=failures + 1, **self.model.GIVEN_UP, **fields)
        else:
            self.postpone(rows, due_at=at, error=said, **self.model.TRIED_AGAIN, **fields)
        return at

    def release(self, ids: Iterable[int], **fields: Any) -> int:
        """Give rows back untouched."""
        suspects.leave(self.owner)
        return self._held(ids).update(attempts=F("attempts") - 1, lease_owner="", lease_until=None, **fields)

    def renew(self, ids: Collection[int], **fields: Any) -> bool:
        """Hold all that is left for another lease; False when any of `ids` is lost."""
        self._held().update(lease_until=self.clock() + self.model.LEASE, **fields)
        return self._held(ids).count() == len(ids)

    @contextmanager
    def outlived(self) -> Iterator[None]:
        """Give back by another connection what is held still, should ours break inside.

        Whoever can do this hasn't crashed. Left to its lease, a row would count as if it had stopped its worker, and
        after three broken connections be given up as poison.
        """
        try:
            yield
        except Error as error:
            if is_lost(error):
                self.give_back()
            raise

    def give_back(self) -> None:
        """Leave to others what is held still, by a new connection. If that can't be had, it is its lease that ends."""
        connection.close()
        suspects.leave(self.owner)
        try:
            self._held().update(lease_owner="", lease_until=None, **self.model.TRIED_AGAIN)
        except DatabaseError as error:
            logger.warning(
                "What %(owner)s held could not be given back (%(kind)s).",
                {"owner": self.owner, "kind": type(error).__name__},
            )

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


class _Lane(NamedTuple):
    """What may be taken of one lane, in its order, and the lane's name if that order is by `due_at`."""

    rows: QuerySet[Any]
    name: str

    def look(self, size: int, *names: str) -> list[Any]:
        """At most so many of them: of each `due_at` and these fields."""
        if self.name:
            return look(self.name, self.rows, size, *names)
        return list(self.rows.values_list("due_at", *names)[:size])


class Chosen(NamedTuple):
    """Rows to be claimed, how many crashes each has had more than is written down, and what else is set in them."""

    ids: Sequence[int]
    crashes: int
    fields: Mapping[str, Any] = MappingProxyType({})


def said_of(error: Exception) -> str:
    """An error as a row keeps it, never empty. One that was raised on purpose speaks for itself, any other is named."""
    text = str(error) if hasattr(error, "permanent") else ""
    return (text or f"{type(error).__name__}: {words_of(error)}")[:LONGEST_ERROR]


def count_due(model: type[Work], *, now: datetime, at_most: int = 1, **filters: Any) -> int:
    """How many rows `claim` may take now, counted no further than `at_most`."""
    count = 0
    for lane in _due(model, now, filters):
        count += len(lane.look(at_most - count))
        if count == at_most:
            break
    return count


def claim(model: type[Work], *, now: datetime, limit: int, **filters: Any) -> Claim:
    """Take at most `limit` due rows, first things first.

    A row whose worker died waits no longer than others, but is taken alone: if it is poison, it takes none with it. If
    its worker died then too, it waits until the others of its lane are done.
    """

    def first_ones(owner: str, until: datetime) -> Chosen:
        return Chosen(*_next(_due(model, now, filters), limit, owner=owner, now=now, until=until))

    return claim_chosen(model, first_ones, now=now)


def claim_chosen(model: type[Work], choose: Callable[[str, datetime], Chosen], *, now: datetime) -> Claim:
    """Take the due rows that `choose` locks for this owner until then; all in one transaction."""
    owner = new_owner()
    until = now + model.LEASE
    taken = Claim(model, owner, (), until, ticking(now))
    try:
        with transaction.atomic():
            chosen = choose(owner, until)
            taken = replace(taken, ids=tuple(chosen.ids))
            if taken:
                hold(model, chosen.ids, chosen.crashes, owner=owner, until=until, **chosen.fields)
    except Error as error:
        # It may have been committed all the same.
        if taken and is_lost(error):
            taken.give_back()
        raise
    return taken


def new_owner() -> str:
    """A name that nobody else has, and by which people find the process."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"


def hold(
    model: type[Work], ids: Iterable[int], crashes: int, *, owner: str, until: datetime, **fields: Any
) -> None:
    """Write down who holds these rows, and that each has had so many crashes more."""
    rows: QuerySet[Any] = model._default_manager.all()
    rows.filter(id__any_of=Many(ids)).update(
        attempts=F("attempts") + 1,
        crashes=F("crashes") + crashes,
        lease_owner=owner,
        lease_until=until,
        **model.CLAIMED,
        **fields,
    )


def free(model: type[Work], *, now: datetime) -> QuerySet[Any]:
    """What may be taken: due, unfinished, held by nobody, and not known as poison."""
    nobodys = Q(lease_until__isnull=True) | Q(lease_until__lt=now, crashes__lt=MAX_CRASHES - 1)
    return model._default_manager.filter(nobodys, due_at__lte=now, finished_at__isnull=True)


def _due(model: type[Work], now: datetime, filters: dict[str, Any]) -> Iterator[_Lane]:
    """What may be taken, lane by lane, first things first.

    In each lane it is one range of the index on what is unfinished, read in its order: however many rows are
    finished or held for later, none of them is looked at.
    """
    rows = free(model, now=now).filter(**filters)
    for lane in model.LANES:
        name = f"{model.__name__} {filters} {lane}" if model.ORDER[-1] == "due_at" else ""
        yield _Lane(rows.filter(**lane).order_by(*model.ORDER), name)


def _next(
    lanes: Iterable[_Lane], limit: int, *, owner: str, now: datetime, until: datetime
) -> tuple[list[int], int]:
    """Lock what comes next: new rows, or the one at the head if its worker died and no other such row is being
    worked on in this process. Gives their ids, and how many crashes each has had more than is written down.

    One that was alone at a crash too comes when nothing else is left in its lane. Processes die most when they have
    just begun, and if each began with that row it would be poison after two more, whatever it was that killed them.
    """
    taken: list[int] = []
    for lane in lanes:
        locked = lane._replace(rows=lane.rows.select_for_update(skip_locked=True))
        room = limit - len(taken)
        found = [row[1:] for row in locked.look(room, "id", "lease_until", "crashes")]
        fresh = [id_ for id_, lease_until, _crashes in found if lease_until is None]
        if len(fresh) < len(found):
            head, lease_until, _crashes = next(filter(is_undoubted, found), found[0])
            if not taken and lease_until is not None and suspects.admit(owner, now=now, until=until):
                return [head], 1
            new = locked._replace(rows=locked.rows.filter(lease_until__isnull=True))
            fresh = [row[1] for row in new.look(room, "id")]
        taken += fresh
        if len(taken) == limit:
            break
    return taken, 0
