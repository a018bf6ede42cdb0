"""What is kept no longer than its purpose needs (POPIA, section 14)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy
from knox.models import AuthToken

from notifications.models import (
    ConsumerHeartbeat,
    Delivery,
    EventRecord,
    InboundSms,
    Notification,
    PeriodicRun,
    Suppression,
)
from notifications.work.periodic import periodic_task

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

    In batches, each its own transaction, so that nobody waits for it.
    """
    finished = EventRecord.objects.filter(finished_at__isnull=False)
    return {
        "notifications": _delete(Notification.objects.filter(delete_at__lte=now)),
        "publications": _delete(finished.filter(delete_at__lte=now)),
        "addresses": _delete(Suppression.objects.exclude(address__in=_addresses())),
        "runs": _delete(PeriodicRun.objects.filter(slot__lte=now - RUNS)),
        "tokens": _delete(AuthToken.objects.filter(expiry__lte=now)),
        "sms": _delete(InboundSms.objects.filter(received_at__lte=now - INBOUND)),
        "heartbeats": _delete(ConsumerHeartbeat.objects.filter(beat_at__lte=now - RUNS)),
    }


def _addresses() -> QuerySet[Any]:
    """Those that somebody has; of others nothing need be known."""
    return get_user_model()._default_manager.filter(email__isnull=False).values("email")


def clean_up_cancelled(*, now: datetime, kept: timedelta = KEEP_CANCELLED) -> int:
    """Delete scheduled messages that were called off longer than `kept` ago; how many."""
    cancelled = Notification.objects.filter(scheduled_status=Notification.Status.CANCELLED)
    return _delete(cancelled.filter(delete_at__lte=now + KEEP_CANCELLED - kept))


def wipe_texts(*, now: datetime) -> int:
    """Wipe texts and addresses of what ended `BODIES` ago, and of old SMS received; how many. Their states stay."""
    wiped = 0
    for ids in _batches(Delivery.objects.filter(~Q(body=""), finished_at__lte=now - BODIES)):
        wiped += Delivery.objects.filter(id__any_of=ids).update(subject="", body="", address="")
    inbound = InboundSms.objects.filter(~Q(sender=""), received_at__lte=now - INBOUND_TEXTS)
    for ids in _batches(inbound):
        wiped += InboundSms.objects.filter(id__any_of=ids).update(sender="", text="", reply="")
    return wiped


def _delete(rows: QuerySet[Any]) -> int:
    deleted = 0
    for ids in _batches(rows):
        rows.model._default_manager.filter(pk__in=ids).delete()
        deleted += len(ids)
    return deleted


def _batches(rows: QuerySet[Any]) -> Iterable[list[int]]:
    """The ids of the rows that are left, a batch at a time; each batch must be dealt with before the next."""
    while ids := list(rows.order_by().values_list("pk", flat=True)[:BATCH]):
        yield ids


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
