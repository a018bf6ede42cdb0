"""Reads: what is in a person's inbox."""

from django.db.models import Q, QuerySet

from notifications.models import Notification

BADGE_LIMIT = 100
"""The badge counts no further: beyond it a person doesn't care, and the database needn't."""

STATUSES = {
    "all": Q(dismissed_at__isnull=True),
    "unread": Q(read_at__isnull=True, dismissed_at__isnull=True),
    "read": Q(read_at__isnull=False, dismissed_at__isnull=True),
    "acknowledged": Q(acknowledged_at__isnull=False),
    "dismissed": Q(dismissed_at__isnull=False),
}


def received(user_id: int) -> QuerySet[Notification]:
    """Everything that has reached this person's inbox, dismissed or not, newest first."""
    return Notification.objects.filter(
        recipient_id=user_id, scheduled_status=Notification.Status.SENT, in_inbox=True
    ).order_by("-sent_at", "-id")


def inbox(user_id: int, *, status: str = "all", category: str = "") -> QuerySet[Notification]:
    """This person's messages of a status ("all" is all but the dismissed) and a category, newest first."""
    messages = received(user_id).filter(STATUSES[status])
    return messages.filter(category=category) if category else messages


def unread_count(user_id: int) -> int:
    """How many messages wait to be read, counted up to `BADGE_LIMIT`."""
    return inbox(user_id, status="unread").order_by()[:BADGE_LIMIT].count()
