"""Claiming digests: all held deliveries of one person by one channel, which go out as one message.

Rows that were held wait in a lane of their own, which no claim of single rows asks for. A worker that takes some of a
person's rows locks the person first, and then takes all: so two workers never make two messages of what is one. What
was tried together stays together and keeps its name (`digest`), and takes nothing new in: its receiver may have it
already. Where some of it has to wait longer than the rest, one part keeps the name: two messages of one name would be
one to a provider that knows names, and the second be lost.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import BigIntegerField, Case, F, QuerySet, Value, When

from notifications.models import Delivery
from notifications.pipeline.due import DueDelivery
from notifications.pipeline.relevance import Withheld
from notifications.work.leases import Chosen, Claim, claim_chosen, free
from notifications.work.quarantine import is_undoubted, suspects

_Row = tuple[int, int, int | None, datetime | None, int]
"""Id, person, digest, the end of a lease that its worker didn't live to see, and its crashes."""


def held_due(channel: str, *, now: datetime) -> QuerySet[Delivery]:
    """What was held for this channel and is due, one range of the index on what is unfinished."""
    return free(Delivery, now=now).filter(channel=channel, **Delivery.HELD)


def claim_held(channel: str, *, now: datetime, limit: int) -> Claim:
    """Take all that is due to each of at most `limit` people, whoever has waited longest first.

    Those whom another worker is taking at this moment are passed over. A digest whose worker died is taken alone, as
    `lease.claim` takes a row.
    """

    def longest_waiting(owner: str, until: datetime) -> Chosen:
        digests, crashes = _next(channel, limit, owner=owner, now=now, until=until)
        ids = [row[0] for digest in digests for row in digest]
        return Chosen(ids, crashes, {"digest": _names(digests)})

    return claim_chosen(Delivery, longest_waiting, now=now)


def _next(
    channel: str, limit: int, *, owner: str, now: datetime, until: datetime
) -> tuple[list[list[_Row]], int]:
    digests = list(_digests(_rows_of_locked_people(channel, limit, now)))
    fresh = [digest for digest in digests if _is_fresh(digest)]
    suspected = [digest for digest in digests if not _is_fresh(digest)]
    # One that was alone at a crash comes last, as in `leases.claim`.
    suspect = next(filter(_is_undoubted, suspected), None if fresh else next(iter(suspected), None))
    if suspect and suspects.admit(owner, now=now, until=until):
        return [suspect], 1
    return fresh, 0


def _rows_of_locked_people(channel: str, limit: int, now: datetime) -> Sequence[_Row]:
    due = held_due(channel, now=now)
    waiting = due.order_by("due_at").values_list("notification__recipient_id", flat=True)[:limit]
    people = get_user_model()._default_manager.filter(id__any_of=set(waiting)).order_by("pk")
    # Not against those who write messages to them meanwhile, which refer to the person.
    locked = set(people.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True))
    if not locked:
        return []
    theirs = due.filter(notification__recipient_id__any_of=locked).order_by("due_at", "id")
    return list(theirs.values_list("id", "notification__recipient_id", "digest", "lease_until", "crashes"))


def _digests(rows: Sequence[_Row]) -> Iterator[list[_Row]]:
    """What goes out as one: all of a person's that wasn't tried yet, and by itself what was tried together."""
    groups: dict[tuple[int, int | None], list[_Row]] = defaultdict(list)
    for row in rows:
        groups[row[1], row[2]].append(row)
    yield from groups.values()


def _is_fresh(digest: Sequence[_Row]) -> bool:
    return all(row[3] is None for row in digest)


def _is_undoubted(digest: Sequence[_Row]) -> bool:
    return all(is_undoubted((row[0], row[3], row[4])) for row in digest)


def _names(digests: Sequence[Sequence[_Row]]) -> Any:
    """The name of each row's digest: the one it has, or the first of those that are taken together now."""
    new = [
        When(pk__in=[row[0] for row in digest], then=Value(digest[0][0]))
        for digest in digests
        if digest[0][2] is None
    ]
    return Case(*new, default=F("digest"), output_field=BigIntegerField()) if new else F("digest")


def heirs(rows: Sequence[DueDelivery], withheld: Mapping[int, Withheld]) -> dict[int, Withheld | None]:
    """Which part of each digest keeps its name, by that name: what is withheld so, or, by None, what goes now.

    It is the part of the row that the name is of, as long as that one may go still; else what goes now, or what waits.
    """
    parts: dict[int, dict[int, Withheld | None]] = defaultdict(dict)
    for row in rows:
        verdict = withheld.get(row.pk)
        if row.digest is not None and (verdict is None or verdict.may_go_later):
            parts[row.digest][row.pk] = verdict
    return {
        name: part.get(name, None if None in part.values() else next(iter(part.values())))
        for name, part in parts.items()
    }


def named(
    taken: Claim, rows: Sequence[DueDelivery], keepers: Mapping[int, Withheld | None]
) -> list[DueDelivery]:
    """These rows, which go now, with the names by which they go: where another part of their digest keeps its name
    (`heirs`), that of their own first. One statement if there are such, and none of the rows if their lease is lost.
    """
    new: dict[int, int] = {}
    for row in sorted(rows, key=lambda row: row.pk):
        if row.digest is not None and keepers[row.digest] is not None:
            new.setdefault(row.digest, row.pk)
    if not new:
        return list(rows)
    names = [When(digest=old, then=Value(name)) for old, name in new.items()]
    changed = Case(*names, default=F("digest"), output_field=BigIntegerField())
    if not taken.renew([row.pk for row in rows], digest=changed):
        return []
    return [
        row if row.digest is None else row._replace(digest=new.get(row.digest, row.digest)) for row in rows
    ]
