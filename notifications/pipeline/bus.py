"""Where a domain says what happened.

A publication is a row before it is anything else. The queue is told after the commit; if it can't be, the sweep
finds the row.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from notifications import registry
from notifications.models import EventRecord
from notifications.pipeline import listeners
from notifications.pipeline.listeners import Listener
from notifications.types import EventType, Priority
from notifications.work.wakeups import Wakeup, wake_on_commit

_BATCH = 500
_SAID = ("payload", "priority", "due_at", "created_at", "delete_at")
"""What a publication says, as `_fields` has it."""


def publish(
    name: str,
    payload: Mapping[str, Any],
    *,
    dedupe_key: str = "",
    at: datetime | None = None,
    priority: Priority | None = None,
    now: datetime | None = None,
) -> EventRecord:
    """Say that something happened; its people are told after the commit, or at `at` (aware) if that is given.

    `now` (aware) is the caller's moment; without it the publication is made at the machine's own time.

    With a `dedupe_key` the same thing said twice is one publication: the second call gives back the first one's
    row. One that was withdrawn comes back to life. `priority` is the type's own unless given. Raises EventTypeError
    for an unknown type, and PayloadError naming the key that is missing, extra or of the wrong type.
    """
    event_type = registry.get(name)
    registry.check_payload(event_type, payload)
    now = now or timezone.now()
    fields = _fields(event_type, payload, now, at, priority)
    with transaction.atomic():
        if dedupe_key:
            record, new = EventRecord.objects.get_or_create(
                event_type=name, dedupe_key=dedupe_key, defaults=fields
            )
        else:
            record, new = EventRecord.objects.create(event_type=name, **fields), True
        if not new and record.state == EventRecord.State.CANCELLED:
            EventRecord.objects.filter(pk=record.pk, state=EventRecord.State.CANCELLED).update(
                **fields, finished_at=None, state=EventRecord.State.PENDING
            )
            record.refresh_from_db()
            new = True
        if new:
            _hand_over(name, [record.pk], now, at)
    return record


def publish_many(
    name: str,
    publications: Iterable[tuple[Mapping[str, Any], str]],
    *,
    at: datetime | None = None,
    now: datetime | None = None,
) -> int:
    """Publish pairs of (payload, dedupe key) of one type; how many of them were new. `now` as for `publish`.

    One that was withdrawn comes back to life, and counts as new. A few statements for every thousand. Raises as
    `publish` does, and then publishes none.
    """
    event_type = registry.get(name)
    now = now or timezone.now()
    records = []
    for payload, dedupe_key in publications:
        registry.check_payload(event_type, payload)
        records.append(
            EventRecord(event_type=name, dedupe_key=dedupe_key, **_fields(event_type, payload, now, at))
        )
    with transaction.atomic():
        before = _last_id()
        EventRecord.objects.bulk_create(records, ignore_conflicts=True, batch_size=1000)
        mine = EventRecord.objects.filter(id__gt=before, event_type=name, created_at=now)
        new = list(mine.values_list("id", flat=True))
        new += _revive(name, records)
        if new:
            _hand_over(name, new, now, at)
    return len(new)


def withdraw(name: str, dedupe_key: str, *, now: datetime | None = None) -> bool:
    """Take back a publication that still waits for its time; False when there is none or its people know.

    `now` as for `publish`.
    """
    waiting = EventRecord.objects.filter(
        event_type=name, dedupe_key=dedupe_key, state=EventRecord.State.PENDING, lease_until__isnull=True
    )
    return bool(waiting.update(state=EventRecord.State.CANCELLED, finished_at=now or timezone.now()))


def subscribe(name: str) -> Callable[[Listener], Listener]:
    """Have a function called with the EventRecord of every publication of this type, at least once, as its own task."""

    def decorator(listener: Listener) -> Listener:
        listeners.add(name, listener)
        return listener

    return decorator


def _fields(
    event_type: EventType,
    payload: Mapping[str, Any],
    now: datetime,
    at: datetime | None,
    priority: Priority | None = None,
) -> dict[str, Any]:
    due_at = at or now
    return {
        "payload": dict(payload),
        "priority": event_type.priority if priority is None else priority,
        "due_at": due_at,
        "created_at": now,
        "delete_at": max(due_at, now) + event_type.retention,
    }


def _revive(name: str, records: Sequence[EventRecord]) -> list[int]:
    """Let those that were withdrawn wait as these do, by their keys; the ids."""
    by_key = {record.dedupe_key: record for record in records if record.dedupe_key}
    revived: list[EventRecord] = []
    keys = list(by_key)
    for start in range(0, len(keys), _BATCH):
        withdrawn = EventRecord.objects.select_for_update().filter(
            event_type=name,
            dedupe_key__in=keys[start : start + _BATCH],
            state=EventRecord.State.CANCELLED,
        )
        revived += withdrawn.order_by("id")
    for record in revived:
        for field in _SAID:
            setattr(record, field, getattr(by_key[record.dedupe_key], field))
        record.state, record.finished_at = EventRecord.State.PENDING, None
    EventRecord.objects.bulk_update(revived, [*_SAID, "state", "finished_at"], batch_size=_BATCH)
    return [record.pk for record in revived]


def _last_id() -> int:
    return EventRecord.objects.order_by("-id").values_list("id", flat=True).first() or 0


def _hand_over(name: str, record_ids: list[int], now: datetime, at: datetime | None) -> None:
    if listeners.log_calls(name, record_ids, now=now):
        wake_on_commit(Wakeup.CALL_LISTENERS)
    if at is None or at <= now:
        wake_on_commit(Wakeup.FAN_OUT)
