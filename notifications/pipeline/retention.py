"""What is kept no longer than its purpose needs (POPIA, section 14)."""

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy
from knox.models import AuthToken

from notifications import privacy
from notifications.models import (
    ConsumerHeartbeat,
    Delivery,
    EventRecord,
    InboundSms,
    Notification,
    PeriodicRun,
    Suppression,
)
from notifications.privacy import Retention, register_retention
from notifications.work.periodic import periodic_task

logger = logging.getLogger(__name__)

BODIES = timedelta(hours=72)
INBOUND_TEXTS = timedelta(days=30)
"""As long as staff may have to look up what somebody wrote to a number that no person reads."""
INBOUND = timedelta(days=365)
"""For so long a replay of what came in is known as one."""
RUNS = timedelta(days=7)
KEEP_CANCELLED = timedelta(days=30)
BATCH = 1000


def clean_up(*, now: datetime) -> dict[str, int]:
    """Delete what is past its time; how many rows, by kind.

    In batches, each its own transaction, so that nobody waits for it. A kind that fails stops no other one; its error
    is raised in the end.
    """
    return _carry_out([each for each in privacy.retentions() if not each.hourly], now)


def _addresses() -> QuerySet[Any]:
    """Those that somebody has; of others nothing need be known."""
    return get_user_model()._default_manager.filter(email__isnull=False).values("email")


def clean_up_cancelled(*, now: datetime, kept: timedelta = KEEP_CANCELLED) -> int:
    """Delete scheduled messages that were called off longer than `kept` ago; how many."""
    cancelled = Notification.objects.filter(scheduled_status=Notification.Status.CANCELLED)
    return _delete(cancelled.filter(delete_at__lte=now + KEEP_CANCELLED - kept))


def wipe_texts(*, now: datetime) -> int:
    """Wipe what isn't to stay for even a day longer than its time: texts and addresses of what ended `BODIES` ago, old
    SMS received, and whatever else is `hourly`; how many rows.
    """
    return sum(_carry_out([each for each in privacy.retentions() if each.hourly], now).values())


def _carry_out(kinds: Iterable[Retention], now: datetime) -> dict[str, int]:
    done: dict[str, int] = {}
    failed: Exception | None = None
    for kind in kinds:
        try:
            rows = kind.due(now)
            done[kind.name] = _delete(rows) if kind.clears is None else _clear(rows, kind.clears)
        except Exception as error:
            logger.exception("What is kept as “%(kind)s” could not be cleaned up.", {"kind": kind.name})
            failed = error
    if failed is not None:
        raise failed
    return done


def _clear(rows: QuerySet[Any], fields: Mapping[str, Any]) -> int:
    cleared = 0
    for ids in _batches(rows):
        cleared += rows.model._default_manager.filter(pk__in=ids).update(**fields)
    return cleared


def _delete(rows: QuerySet[Any]) -> int:
    deleted = 0
    for ids in _batches(rows):
        rows.model._default_manager.filter(pk__in=ids).delete()
        deleted += len(ids)
    return deleted


def _batches(rows: QuerySet[Any]) -> Iterable[list[Any]]:
    """The ids of the rows that are left, a batch at a time; each batch must be dealt with before the next."""
    while ids := list(rows.order_by().values_list("pk", flat=True)[:BATCH]):
        yield ids


register_retention(
    Retention("notifications", lambda until: Notification.objects.filter(delete_at__lte=until)),
    Retention(
        "publications",
        lambda until: EventRecord.objects.filter(finished_at__isnull=False, delete_at__lte=until),
    ),
    Retention("addresses", lambda until: Suppression.objects.exclude(address__in=_addresses())),
    Retention("runs", lambda until: PeriodicRun.objects.filter(slot__lte=until), kept=RUNS),
    Retention("tokens", lambda until: AuthToken.objects.filter(expiry__lte=until)),
    Retention("sms", lambda until: InboundSms.objects.filter(received_at__lte=until), kept=INBOUND),
    Retention("heartbeats", lambda until: ConsumerHeartbeat.objects.filter(beat_at__lte=until), kept=RUNS),
    Retention(
        "sent_texts",
        lambda until: Delivery.objects.filter(~Q(body=""), finished_at__lte=until),
        kept=BODIES,
        clears={"subject": "", "body": "", "address": ""},
        hourly=True,
    ),
    Retention(
        "sms_texts",
        lambda until: InboundSms.objects.filter(~Q(sender=""), received_at__lte=until),
        kept=INBOUND_TEXTS,
        clears={"sender": "", "text": "", "reply": ""},
        hourly=True,
    ),
)


@periodic_task("Old notifications", cron="0 2 * * 0", label=gettext_lazy("Delete old messages and logs"))
def clean_up_old(slot: datetime) -> str:
    """Keep nothing longer than its retention."""
    return ", ".join(f"{count} {kind}" for kind, count in clean_up(now=slot).items())


@periodic_task("Cancelled notifications", cron="0 3 * * *", label=gettext_lazy("Delete cancelled messages"))
def clean_up_called_off(slot: datetime) -> str:
    """Delete scheduled messages that were called off a month ago."""
    return f"{clean_up_cancelled(now=slot)} deleted"


@periodic_task("Sent texts", cron="30 * * * *", label=gettext_lazy("Delete texts of sent messages"))
def wipe_sent_texts(slot: datetime) -> str:
    """Delete the texts and addresses of what was sent some days ago."""
    return f"{wipe_texts(now=slot)} texts deleted"
