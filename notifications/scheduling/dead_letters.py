"""What was given up, and is tried again because staff, a program or the time of day ask for it."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy

from notifications.models import Delivery, EventRecord, Notification
from notifications.work.periodic import periodic_task
from notifications.work.sweep import sweep
from notifications.work.wakeups import Wakeup, wake_on_commit

MAX_FAILURES = 3
STUCK_AT_ONCE = 100


def revivable(due_at: datetime) -> Q:
    """Failed deliveries whose message is still valid then, and whose text hasn't been wiped."""
    still_good = Q(notification__valid_until__isnull=True) | Q(notification__valid_until__gt=due_at)
    return still_good & Q(state=Delivery.State.FAILED) & ~Q(body="")


def revive_deliveries(deliveries: QuerySet[Delivery], *, due_at: datetime) -> int:
    """Have the revivable ones tried again at `due_at`, with all their attempts anew; how many.

    They go whatever became of the other steps of their plans, since somebody asked for it. Those that were held and
    failed together go out together with whatever else is revived of theirs.
    """
    failed = deliveries.filter(revivable(due_at))
    return Delivery.objects.filter(id__in=failed.order_by().values("id"), state=Delivery.State.FAILED).update(
        state=Delivery.State.RETRY,
        due_at=due_at,
        finished_at=None,
        attempts=0,
        failures=0,
        crashes=0,
        reason="",
        digest=None,
        step=None,
        reserved=None,
    )


def revive_publications(records: QuerySet[EventRecord], *, now: datetime) -> int:
    """Have failed publications dealt with again; how many. Whoever was told already isn't told twice."""
    return records.filter(state=EventRecord.State.FAILED).update(
        state=EventRecord.State.PENDING, due_at=now, finished_at=None, failures=0, crashes=0, reason=""
    )


def revive_messages(messages: QuerySet[Notification], *, due_at: datetime) -> int:
    """Have scheduled messages that failed sent at `due_at`; how many. Not those that no channel carries: no attempt of
    theirs failed.
    """
    return messages.filter(scheduled_status=Notification.Status.FAILED, failures__gt=0).update(
        scheduled_status=Notification.Status.PENDING, scheduled_at=due_at
    )


def revive_stuck(*, now: datetime) -> int:
    """Have scheduled messages sent anew that failed fewer than `MAX_FAILURES` times; how many of them."""
    failed = Notification.objects.filter(
        scheduled_status=Notification.Status.FAILED, failures__range=(1, MAX_FAILURES - 1)
    ).order_by("created_at")
    stuck = Notification.objects.filter(id__in=list(failed.values_list("id", flat=True)[:STUCK_AT_ONCE]))
    return revive_messages(stuck, due_at=now)


def retry_deliveries(deliveries: QuerySet[Delivery], *, now: datetime) -> int:
    """Send failed deliveries again at once; how many, without those that are of no use any more."""
    with transaction.atomic():
        channels = list(deliveries.order_by().values_list("channel", flat=True).distinct())
        revived = revive_deliveries(deliveries, due_at=now)
        if revived:
            for channel in channels:
                wake_on_commit(Wakeup.DELIVER, channel)
    return revived


def retry_publications(records: QuerySet[EventRecord], *, now: datetime) -> int:
    """Tell people of failed publications after all; how many publications. Whoever was told isn't told twice."""
    with transaction.atomic():
        revived = revive_publications(records, now=now)
        if revived:
            wake_on_commit(Wakeup.FAN_OUT)
    return revived


@periodic_task("Failed retries", cron="*/5 * * * *", label=gettext_lazy("Retry failed messages"))
def retry_stuck_messages(slot: datetime) -> str:
    """Try scheduled messages again that failed, and wake somebody for whatever is stuck."""
    now = timezone.now()
    return f"{revive_stuck(now=now)} tried again; {sweep(now=now)}"
