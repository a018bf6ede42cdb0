"""Further listeners to publications: each call is a row, so that it isn't lost with its task."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from notifications.models import EventRecord, ListenerCall
from notifications.rules.retries import RetryPolicy
from notifications.work.leases import claim, count_due
from notifications.work.sweep import Unfinished, one_worker, register
from notifications.work.wakeups import Wakeup

logger = logging.getLogger(__name__)

Listener = Callable[[EventRecord], object]
RETRIES = RetryPolicy(tuple(timedelta(seconds=30) * failures for failures in range(1, 5)), jitter=0)
_listeners: dict[str, dict[str, Listener]] = {}


def add(event_type: str, listener: Listener) -> None:
    """Have the listener called for every publication of that type from now on, at least once each."""
    _listeners.setdefault(event_type, {})[f"{listener.__module__}.{listener.__qualname__}"] = listener


def remove(event_type: str, listener: Listener) -> None:
    """Take a listener out again, as tests do."""
    del _listeners[event_type][f"{listener.__module__}.{listener.__qualname__}"]


def log_calls(event_type: str, record_ids: Iterable[int], *, now: datetime) -> bool:
    """Write down which calls these publications ask for; whether there are any. Call it in their transaction."""
    calls = [
        ListenerCall(event_record_id=record_id, listener=name, due_at=now)
        for record_id in record_ids
        for name in _listeners.get(event_type, {})
    ]
    ListenerCall.objects.bulk_create(calls, ignore_conflicts=True, batch_size=1000)
    return bool(calls)


def call_next(*, now: datetime) -> bool:
    """Make the next due call; False when there is none."""
    taken = claim(ListenerCall, now=now, limit=1)
    if not taken:
        return False
    call = ListenerCall.objects.select_related("event_record").get(id=taken.ids[0])
    listener = _listeners.get(call.event_record.event_type, {}).get(call.listener)
    if listener is None:
        taken.finish(error="There is no such listener any more.")
        return True
    try:
        with taken.kept():
            listener(call.event_record)
    except Exception as error:
        logger.exception(
            "%(listener)s failed for publication %(publication)s.",
            {"listener": call.listener, "publication": call.event_record_id},
        )
        taken.fail(error, RETRIES, failures=call.failures)
    else:
        taken.finish(error="")
    return True


register(
    Unfinished(
        Wakeup.CALL_LISTENERS, one_worker(lambda now: count_due(ListenerCall, now=now) > 0), ListenerCall
    )
)
