"""From publications to messages: who is told, in which words, by which channels."""

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from notifications import registry
from notifications.database_errors import AWAY
from notifications.live.announcement import announce
from notifications.models import EventRecord
from notifications.pipeline import insert
from notifications.pipeline.compose import compose
from notifications.pipeline.insert import NewMessage
from notifications.rules.retries import RetryPolicy
from notifications.types import EventType, Priority, Publication, Reason, Recipient
from notifications.work.leases import Claim, claim, count_due
from notifications.work.one_at_a_time import alone, refused
from notifications.work.sweep import Unfinished, one_worker, register
from notifications.work.wakeups import Wakeup, wake

logger = logging.getLogger(__name__)

THAT_CAN_WAIT = "publications that can wait"
RECORDS = 80
"""Publications a round, at most."""
CHUNK = 5_000
"""Messages a transaction: enough to be fast, few enough that an urgent message never waits long for a lock."""
MOST_BAD = 20
"""So many bad messages are looked for in a round; where there are more, the fault is elsewhere."""
RETRIES = RetryPolicy((timedelta(seconds=30), timedelta(seconds=60)), jitter=0)


@dataclass(slots=True)
class FanOut:
    """What one round did: how many records it took, whom it told, and which channels have work now."""

    records: int = 0
    user_ids: set[int] = field(default_factory=set)
    channels: set[str] = field(default_factory=set)
    gone: Counter[int | None] = field(default_factory=Counter)
    """How many people of each record have no account in use, and so couldn't be told."""
    failed: dict[int | None, Exception] = field(default_factory=dict)
    """The records of which somebody's message can't be made, and why; all others of such a record are told."""
    bad: int = 0
    """How many messages can't be made."""
    each_chunk: Callable[["FanOut"], None] | None = None


def fan_out(*, now: datetime, each_chunk: Callable[[FanOut], None] | None = None) -> FanOut:
    """Deal with the next due publications, most urgent first; `records` is 0 when there are none.

    `each_chunk` is called after the commit of each chunk of messages, with what has been done so far.

    Each chunk is committed by itself. A worker that dies half way leaves the record to another, and the
    once-per-key constraint lets nothing in twice. A publication that fails is tried again, three times in all,
    and holds up no other. In one process one worker deals with what isn't urgent: however many crowds are to be
    told something, the others stay free for a dose.
    """
    done = FanOut()
    for _ in range(2):
        before = refused(THAT_CAN_WAIT)
        with alone(THAT_CAN_WAIT) as admitted:
            if not admitted:
                return _fan_out(now, each_chunk, priority__gte=Priority.HIGH)
            done = _fan_out(now, each_chunk)
        # Whoever came in the meantime found the door closed and left what can wait: look once more.
        if done.records or refused(THAT_CAN_WAIT) == before:
            break
    return done


def _fan_out(now: datetime, each_chunk: Callable[[FanOut], None] | None, **filters: Any) -> FanOut:
    done = FanOut(each_chunk=each_chunk)
    left = count_due(EventRecord, now=now, at_most=2 * RECORDS, **filters)
    if not left:
        return done
    # Half of what is due, so that another worker finds some too.
    taken = claim(EventRecord, now=now, limit=max(1, left // 2), **filters)
    if not taken:
        return done
    records = EventRecord.objects.filter(id__any_of=taken.ids).order_by(*EventRecord.ORDER)
    groups: dict[tuple[str, int], list[EventRecord]] = defaultdict(list)
    for record in records:
        groups[record.event_type, record.priority].append(record)
    done.records = len(taken.ids)
    for group in groups.values():
        _try_group(taken, group, done)
    return done


def tell(
    event_type: EventType,
    recipients: Iterable[Recipient],
    *,
    now: datetime,
    done: FanOut,
    requested: frozenset[str] | None = None,
) -> Iterator[list[int]]:
    """Write the messages chunk by chunk; yields the ids of the notifications that each chunk added.

    A message that can't be made takes no other with it: it is noted in `done.failed`.
    """
    for chunk in _chunks(recipients):
        messages = list(_composed(event_type, chunk, now, requested, done))
        if len(messages) < len(chunk):
            done.gone.update(recipient.event_record_id for recipient in chunk)
            done.gone.subtract(message.own.event_record_id for message in messages)
        inserted = insert.insert(messages)
        done.user_ids.update(message.own.recipient_id for message in messages)
        done.channels.update(delivery.channel for message in messages for delivery in message.deliveries)
        yield inserted


def _composed(
    event_type: EventType,
    chunk: Sequence[Recipient],
    now: datetime,
    requested: frozenset[str] | None,
    done: FanOut,
) -> Iterator[NewMessage]:
    """The messages to these people. Where one can't be made, half by half, until it is alone."""
    try:
        yield from compose(event_type, chunk, now=now, requested=requested)
    except AWAY:
        raise  # the database is away, which nobody's message is to blame for
    except Exception as error:
        if done.bad >= MOST_BAD:
            raise  # it isn't a single message that is bad
        if len(chunk) == 1:
            done.bad += 1
            done.failed[chunk[0].event_record_id] = error
            return
        middle = len(chunk) // 2
        for half in (chunk[:middle], chunk[middle:]):
            yield from _composed(event_type, half, now, requested, done)


def _try_group(taken: Claim, group: Sequence[EventRecord], done: FanOut) -> None:
    """Deal with records of one type and priority."""
    try:
        _tell_group(taken, _type_of(group[0]), group, done)
    except Exception as error:
        if len(group) > 1:
            # One of them is bad: each by itself, so that it takes no other with it.
            for record in group:
                _try_group(taken, [record], done)
            return
        _fail(taken, group[0], error)


def _type_of(record: EventRecord) -> EventType:
    event_type = registry.get(record.event_type)
    if event_type.priority == record.priority:
        return event_type
    return replace(event_type, priority=Priority(record.priority))


def _tell_group(taken: Claim, event_type: EventType, group: Sequence[EventRecord], done: FanOut) -> None:
    ids = [record.pk for record in group]
    told: dict[int | None, int] = dict.fromkeys(ids, 0)
    now = taken.clock()
    for id_ in ids:
        done.gone[id_] = 0  # again from the start, if the whole group failed before

    def counted() -> Iterator[Recipient]:
        publications = [Publication(each.pk, each.payload, each.created_at) for each in group]
        for recipient in event_type.recipients(publications, now):
            told[recipient.event_record_id] += 1
            yield recipient

    for inserted in tell(event_type, counted(), now=now, done=done):
        if done.each_chunk is not None:
            done.each_chunk(done)
        # Whoever got further than those before them was not killed by these rows.
        progress = {"crashes": 0} if inserted else {}
        if not taken.renew(ids, **progress):
            # Another worker has these by now: it goes on from what is already there.
            return
    for record in group:
        if error := done.failed.pop(record.pk, None):
            # Tried again, and shown to staff in the end; whom it was told to already isn't told twice.
            _fail(taken, record, error)
            ids.remove(record.pk)
    for count, gone in {(told[id_], done.gone[id_]) for id_ in ids}:
        same = [id_ for id_ in ids if (told[id_], done.gone[id_]) == (count, gone)]
        reason = Reason.NO_ACCOUNT if gone else ""
        taken.finish(
            same,
            state=EventRecord.State.PROCESSED,
            recipients=count - gone,
            not_told=gone,
            reason=reason,
            error="",
        )


def _fail(taken: Claim, record: EventRecord, error: Exception) -> None:
    logger.error(
        "Publication %(publication)s (%(type)s) failed.",
        {"publication": record.pk, "type": record.event_type},
        exc_info=error,
    )
    taken.fail(error, RETRIES, failures=record.failures, ids=[record.pk])


def _chunks(recipients: Iterable[Recipient]) -> Iterator[list[Recipient]]:
    iterator = iter(recipients)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk


def fan_out_and_spread(*, now: datetime) -> bool:
    """`fan_out`, and let everybody know: open pages chunk by chunk, the channels at the end, when nobody waits for
    what they take of the machine; whether there was anything to do.
    """
    done = fan_out(now=now, each_chunk=_announce)
    spread(done)
    return done.records > 0


def spread(done: FanOut) -> None:
    """Let open pages and the channels know of new messages; call it after the commit."""
    _announce(done)
    for channel in done.channels:
        wake(Wakeup.DELIVER, channel)


def _announce(done: FanOut) -> None:
    """Let open pages know. Nobody is let know twice."""
    if done.user_ids:
        announce(done.user_ids)
        done.user_ids.clear()


register(Unfinished(Wakeup.FAN_OUT, one_worker(lambda now: count_due(EventRecord, now=now) > 0), EventRecord))
