"""What was given up and is to be tried again: all of it database work."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from notifications.models import Delivery, EventRecord, Notification

MAX_FAILURES = 3
STUCK_AT_ONCE = 100
STUCK_AFTER = timedelta(minutes=5)


def revivable(due_at: datetime) -> Q:
    """Failed deliveries whose message is still valid then, and whose text hasn't been wiped."""
    still_good = Q(notification__valid_until__isnull=True) | Q(notification__valid_until__gt=due_at)
    return still_good & Q(state=Delivery.State.FAILED) & ~Q(body="")


def revive_deliveries(deliveries: QuerySet[Delivery], *, due_at: datetime) -> int:
    """Have the revivable ones tried again at `due_at`, with all their attempts anew; how many.

    Those that were held and failed together go out together with whatever else is revived of theirs.
    """
    failed = deliveries.filter(revivable(due_at))
    return Delivery.objects.filter(id__in=failed.order_by().values("id"), state=Delivery.State.FAILED).update(
        state=Delivery.State.RETRY, due_at=due_at, finished_at=None, failures=0, crashes=0, bundle=None
    )


def revive_publications(records: QuerySet[EventRecord], *, now: datetime) -> int:
    """Have failed publications dealt with again; how many. Whoever was told already isn't told twice."""
    return records.filter(state=EventRecord.State.FAILED).update(
        state=EventRecord.State.PENDING, due_at=now, finished_at=None, failures=0, crashes=0
    )


def revive_messages(messages: QuerySet[Notification], *, due_at: datetime) -> int:
    """Have scheduled messages that failed sent at `due_at`; how many."""
    return messages.filter(scheduled_status=Notification.Status.FAILED).update(
        scheduled_status=Notification.Status.PENDING, scheduled_at=due_at
    )


def revive_stuck(*, now: datetime) -> int:
    """Have scheduled messages sent anew that failed fewer than `MAX_FAILURES` times; how many of them."""
    failed = Notification.objects.filter(
        scheduled_status=Notification.Status.FAILED, failures__lt=MAX_FAILURES
    ).order_by("created_at")
    stuck = Notification.objects.filter(id__in=list(failed.values_list("id", flat=True)[:STUCK_AT_ONCE]))
    return revive_messages(stuck, due_at=now)
