"""From publications to messages: who is told, in which words, by which channels."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from django.utils import timezone

from notifications import registry
from notifications.exceptions import EventTypeError
from notifications.models import EventRecord
from notifications.pipeline import rows
from notifications.pipeline.compose import compose
from notifications.pipeline.lease import Claim, claim, due
from notifications.types import EventType, Publication, Recipient

logger = logging.getLogger(__name__)

RECORDS = 200
"""Publications a round, at most."""
CHUNK = 5_000
"""Messages a transaction: enough to be fast, few enough that an urgent message never waits long for a lock."""
MAX_FAILURES = 3
BACK_OFF = timedelta(seconds=30)


@dataclass(slots=True)
class FanOut:
    """What one round did: how many records it took, whom it told, and which channels have work now."""

    records: int = 0
    user_ids: set[int] = field(default_factory=set)
    channels: set[str] = field(default_factory=set)


def fan_out(*, now: datetime) -> FanOut:
    """Deal with the next due publications, most urgent first; `records` is 0 when there are none.

    Each chunk is committed by itself. A worker that dies half way leaves the record to another, and the
    once-per-key constraint lets nothing in twice. A publication that fails is tried again, three times in all,
    and holds up no other.
    """
    done = FanOut()
    waiting = EventRecord.objects.filter(due(EventRecord, now))[: 2 * RECORDS].count()
    # Half of what is due, so that another worker finds some too.
    taken = claim(EventRecord, now=now, limit=max(1, waiting // 2))
    if not taken:
        return done
    records = EventRecord.objects.filter(id__any_of=taken.ids).order_by(*EventRecord.ORDER)
    by_type: dict[str, list[EventRecord]] = defaultdict(list)
    for record in records:
        by_type[record.event_type].append(record)
    done.records = len(taken.ids)
    for name, group in by_type.items():
        _try_group(taken, name, group, done)
    return done


def tell(
    event_type: EventType,
    recipients: Iterable[Recipient],
    *,
    now: datetime,
    done: FanOut,
    requested: frozenset[str] | None = None,
) -> Iterator[list[int]]:
    """Write the messages chunk by chunk; yields the ids of the notifications that each chunk added."""
    for chunk in _chunks(recipients):
        messages = compose(event_type, chunk, now=now, requested=requested)
        inserted = rows.insert(messages)
        done.user_ids.update(message.own.recipient_id for message in messages)
        done.channels.update(delivery.channel for message in messages for delivery in message.deliveries)
        yield inserted


def _try_group(taken: Claim, name: str, group: Sequence[EventRecord], done: FanOut) -> None:
    try:
        _tell_group(taken, registry.get(name), group, done)
    except Exception as error:
        if len(group) > 1:
            # One of them is bad: each by itself, so that it takes no other with it.
            for record in group:
                _try_group(taken, name, [record], done)
            return
        _set_back(taken, group[0], error)


def _tell_group(taken: Claim, event_type: EventType, group: Sequence[EventRecord], done: FanOut) -> None:
    ids = [record.pk for record in group]
    told: dict[int | None, int] = dict.fromkeys(ids, 0)

    def counted() -> Iterator[Recipient]:
        for recipient in event_type.recipients([Publication(each.pk, each.payload) for each in group]):
            told[recipient.event_record_id] += 1
            yield recipient

    for inserted in tell(event_type, counted(), now=timezone.now(), done=done):
        # Whoever got further than those before them was not killed by these rows.
        progress = {"crashes": 0} if inserted else {}
        if not taken.renew(ids, **progress):
            # Another worker has these by now: it goes on from what is already there.
            return
    for count in set(told.values()):
        same = [id_ for id_ in ids if told[id_] == count]
        taken.finish(same, state=EventRecord.State.PROCESSED, recipients=count, error="")


def _set_back(taken: Claim, record: EventRecord, error: Exception) -> None:
    logger.error("Publication %s (%s) failed: %s", record.pk, record.event_type, error, exc_info=error)
    said = f"{type(error).__name__}: {error}"[:1000]
    failures = record.failures + 1
    if failures >= MAX_FAILURES or isinstance(error, EventTypeError):
        taken.finish([record.pk], state=EventRecord.State.FAILED, error=said, failures=failures)
    else:
        taken.postpone([record.pk], due_at=timezone.now() + BACK_OFF * failures, error=said)


def _chunks(recipients: Iterable[Recipient]) -> Iterator[list[Recipient]]:
    iterator = iter(recipients)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk
