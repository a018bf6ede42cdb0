"""What is kept no longer than its purpose needs (POPIA, section 14)."""

import logging
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy
from knox.models import AuthToken

from notifications import privacy
from notifications.models import (
    Announcement,
    ConsumerHeartbeat,
    Delivery,
    EarlyReceipt,
    EventRecord,
    InboundMessage,
    ListenerCall,
    Notification,
    PeriodicRun,
    QuickReply,
    Suppression,
    WhatsAppRefusal,
)
from notifications.privacy import Retention, register_retention
from notifications.work.periodic import Turn, periodic_task
from notifications.work.turns import TURN

logger = logging.getLogger(__name__)

BODIES = timedelta(hours=72)
INBOUND_TEXTS = timedelta(days=30)
"""As long as staff may have to look up what somebody wrote to a number that no person reads."""
INBOUND = timedelta(days=365)
"""For so long a replay of what came in is known as one."""
RUNS = timedelta(days=7)
KEEP_CANCELLED = timedelta(days=30)
MOST, LEAST = 1000, 100
"""Rows of a batch."""
SOON, LONG = 0.05, 0.1
"""Seconds that a batch is to take."""


def clean_up(*, now: datetime) -> Counter[str]:
    """Delete what is past its time; how many rows, by kind.

    A kind that fails stops no other one; its error is raised in the end.
    """
    return _to_the_end(_weekly(), now)


def _weekly() -> list[Retention]:
    return [each for each in privacy.retentions() if not each.hourly]


def _addresses_of_people() -> QuerySet[Any]:
    """The accounts that have the address of the outer row; of other addresses nothing need be known."""
    return get_user_model()._default_manager.filter(email=OuterRef("address"))


def clean_up_cancelled(*, now: datetime, kept: timedelta = KEEP_CANCELLED) -> int:
    """Delete scheduled messages that were called off longer than `kept` ago; how many."""
    return _to_the_end([_called_off(kept)], now).total()


def _called_off(kept: timedelta) -> Retention:
    cancelled = Notification.objects.filter(scheduled_status=Notification.Status.CANCELLED)
    return Retention(
        "cancelled",
        lambda until: cancelled.filter(delete_at__lte=until + KEEP_CANCELLED - kept),
        by="delete_at",
        parts=_parts_of_messages,
    )


def _parts_of_messages(ids: Sequence[Any]) -> list[QuerySet[Any]]:
    return [model.objects.filter(notification__in=ids) for model in (Delivery, QuickReply)]


def wipe_texts(*, now: datetime) -> int:
    """Wipe what isn't to stay for even a day longer than its time: texts and addresses of what ended `BODIES` ago, old
    SMS received, and whatever else is `hourly`; how many rows.
    """
    return _to_the_end(_hourly(), now).total()


def _hourly() -> list[Retention]:
    return [each for each in privacy.retentions() if each.hourly]


def _to_the_end(kinds: Sequence[Retention], now: datetime) -> Counter[str]:
    done = Counter(dict.fromkeys((kind.name for kind in kinds), 0))
    for name, number in _steps(kinds, now):
        done[name] += number
    return done


def _for_a_turn(kinds: Iterable[Retention], now: datetime) -> Turn:
    """What is done within a turn. Whoever takes the next one begins with the oldest row that is left."""
    over = time.monotonic() + TURN
    done: Counter[str] = Counter()
    for name, number in _steps(kinds, now):
        done[name] += number
        if time.monotonic() >= over:
            return Turn(done, over=False)
    return Turn(done, over=True)


def _steps(kinds: Iterable[Retention], now: datetime) -> Iterator[tuple[str, int]]:
    """The steps of all kinds, with their names. After the last one the error of a kind that failed is raised."""
    failures = []
    for kind in kinds:
        try:
            yield from ((kind.name, number) for number in steps_of(kind, now))
        except Exception as error:
            failures.append((kind.name, error))
    for name, failure in failures:
        logger.error("What is kept as “%(kind)s” could not be cleaned up.", {"kind": name}, exc_info=failure)
    if failures:
        raise failures[-1][1]


def steps_of(kind: Retention, now: datetime) -> Iterator[int]:
    """Deal with what is past its time, step by step; with how many rows.

    Nobody waits for it: each step is a transaction of its own, as large as fits in a twentieth to a tenth of a second,
    and passes over rows that somebody has locked; and after each it rests for as long as that took, so that it is
    slower where the database has much to do.
    """
    size, since = MOST, None
    while True:
        start = time.monotonic()
        number, since = _step(kind, kind.due(now), since, size)
        if not number:
            return
        took = time.monotonic() - start
        yield number
        size = _next_size(size, took)
        time.sleep(took)


def _step(kind: Retention, rows: QuerySet[Any], since: Any, size: int) -> tuple[int, Any]:
    """Deal with the next rows in the order in which they fell due; how many, and where to go on.

    In that order they are one range of an index. Without it the database may read the table from its beginning each
    time, over the gap that earlier steps have left; and so it would read the index, if none said where to go on.
    """
    if since is not None:
        rows = rows.filter(**{f"{kind.by}__gte": since})  # those of the same moment may not all be gone
    with transaction.atomic():
        found = list(
            rows.order_by(kind.by).select_for_update(skip_locked=True).values_list("pk", kind.by)[:size]
        )
        if found:
            _deal_with(kind, rows.model, [pk for pk, _ in found])
    return len(found), found[-1][1] if found else since


def _deal_with(kind: Retention, model: type[Model], ids: Sequence[Any]) -> None:
    these = model._default_manager.filter(pk__in=ids)
    if kind.clears is not None:
        these.update(**kind.clears)
    elif kind.parts is None:
        these.delete()
    else:
        # What delete() does at last, after it loaded each row and told everybody of it.
        for rows in (*kind.parts(ids), these):
            rows._raw_delete(rows.db)


def _next_size(size: int, took: float) -> int:
    if took > LONG:
        return max(size // 2, LEAST)
    return min(size * 2, MOST) if took < SOON else size


register_retention(
    Retention(
        "notifications",
        lambda until: Notification.objects.filter(delete_at__lte=until),
        by="delete_at",
        parts=_parts_of_messages,
    ),
    Retention(
        "publications",
        lambda until: EventRecord.objects.filter(finished_at__isnull=False, delete_at__lte=until),
        by="delete_at",
        parts=lambda ids: [ListenerCall.objects.filter(event_record__in=ids)],
    ),
    Retention(
        "announcements",
        # What waits for its time, however long, has its publication.
        lambda until: Announcement.objects.filter(delete_at__lte=until),
        by="delete_at",
    ),
    Retention("addresses", lambda until: Suppression.objects.filter(~Exists(_addresses_of_people()))),
    Retention("runs", lambda until: PeriodicRun.objects.filter(slot__lte=until), kept=RUNS, by="slot"),
    Retention("tokens", lambda until: AuthToken.objects.filter(expiry__lte=until)),
    Retention(
        "sms",
        lambda until: InboundMessage.objects.filter(received_at__lte=until),
        kept=INBOUND,
        by="received_at",
    ),
    Retention(
        "early_receipts",
        lambda until: EarlyReceipt.objects.filter(received_at__lte=until),
        kept=timedelta(days=1),
        hourly=True,
    ),
    Retention(
        "numbers_without_whatsapp",
        lambda until: WhatsAppRefusal.objects.filter(until__lte=until),
        hourly=True,
    ),
    Retention("heartbeats", lambda until: ConsumerHeartbeat.objects.filter(beat_at__lte=until), kept=RUNS),
    Retention(
        "sent_texts",
        lambda until: Delivery.objects.filter(~Q(body=""), finished_at__lte=until),
        kept=BODIES,
        by="finished_at",
        clears={"subject": "", "body": "", "address": ""},
        hourly=True,
    ),
    Retention(
        "sms_texts",
        lambda until: InboundMessage.objects.filter(~Q(sender=""), received_at__lte=until),
        kept=INBOUND_TEXTS,
        by="received_at",
        clears={"sender": "", "text": "", "button": "", "reply": ""},
        hourly=True,
    ),
)


@periodic_task("Old notifications", cron="0 2 * * 0", label=gettext_lazy("Delete old messages and logs"))
def clean_up_old(slot: datetime) -> Turn:
    """Keep nothing longer than its retention."""
    return _for_a_turn(_weekly(), slot)


@periodic_task("Cancelled notifications", cron="0 3 * * *", label=gettext_lazy("Delete cancelled messages"))
def clean_up_called_off(slot: datetime) -> Turn:
    """Delete scheduled messages that were called off a month ago."""
    return _for_a_turn([_called_off(KEEP_CANCELLED)], slot)


@periodic_task("Sent texts", cron="30 * * * *", label=gettext_lazy("Delete texts of sent messages"))
def wipe_sent_texts(slot: datetime) -> Turn:
    """Delete the texts and addresses of what was sent some days ago."""
    return _for_a_turn(_hourly(), slot)
