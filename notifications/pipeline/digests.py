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
from notifications.models.lookups import Many
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


def part(taken: Claim, rows: Sequence[DueDelivery], found: Mapping[int, Withheld]) -> list[DueDelivery]:
    """These rows, with the names by which they go from now on, where some of a digest are withheld and may go later.

    The part with the row that the name is of keeps it, or else what goes now; each other part has that of its own first
    row. It is written down before anything is given back, so a worker that dies at any moment leaves no two parts of
    one name. One statement if there are such parts, and then none of the rows if any that goes was lost to another
    worker: the others are given back.
    """
    new = _own_names(rows, found)
    if not new:
        return list(rows)
    names = [When(id__any_of=Many(ids), then=Value(name)) for name, ids in new.items()]
    changed = Case(*names, default=F("digest"), output_field=BigIntegerField())
    if not taken.renew([row.pk for row in rows if row.pk not in found], digest=changed):
        taken.release(taken.ids, **as_before())
        return []
    name_of = {id_: name for name, ids in new.items() for id_ in ids}
    return [row._replace(digest=name_of.get(row.pk, row.digest)) for row in rows]


def _own_names(rows: Sequence[DueDelivery], found: Mapping[int, Withheld]) -> dict[int, list[int]]:
    """The parts that need a name of their own, by that name."""
    digests: dict[int, dict[Withheld | None, list[int]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        verdict = found.get(row.pk)
        if row.digest is not None and (verdict is None or verdict.may_go_later):
            digests[row.digest][verdict].append(row.pk)
    new: dict[int, list[int]] = {}
    for name, parts in digests.items():
        usual = None if None in parts else next(iter(parts))
        keeps = next((verdict for verdict, ids in parts.items() if name in ids), usual)
        new |= {min(ids): ids for verdict, ids in parts.items() if verdict != keeps}
    return new


def as_before() -> dict[str, Any]:
    """For what is given back: the state in which it was taken. What was tried may be in a mailbox already: it keeps its
    name, so it joins no others. The rest has none yet.
    """
    state = Case(
        When(failures__gt=0, then=Value(Delivery.State.RETRY)), default=Value(Delivery.State.PENDING)
    )
    return {"state": state, "digest": name_of_tried(F("digest"))}


def name_of_tried(name: Any) -> Case:
    """This name for what was tried, and none for the rest."""
    return Case(When(attempts__gt=1, then=name), default=None, output_field=BigIntegerField())
