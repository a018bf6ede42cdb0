"""Reads: what is in a person's inbox."""

from typing import Any

from django.db.models import IntegerField, OuterRef, Q, QuerySet, Subquery

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


class _Count(Subquery):
    """How many rows a subquery has, with its limit."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


def received(user_id: Any) -> QuerySet[Notification]:
    """Everything that has reached this person's inbox, dismissed or not, newest first. By id, or by a reference."""
    return Notification.objects.filter(
        recipient_id=user_id, scheduled_status=Notification.Status.SENT, in_inbox=True
    ).order_by("-sent_at", "-id")


def inbox(user_id: Any, *, status: str = "all", category: str = "") -> QuerySet[Notification]:
    """This person's messages of a status ("all" is all but the dismissed) and a category, newest first."""
    messages = received(user_id).filter(STATUSES[status])
    return messages.filter(category=category) if category else messages


def unread_count(user_id: int) -> int:
    """How many messages wait to be read, counted up to `BADGE_LIMIT`."""
    return inbox(user_id, status="unread").order_by()[:BADGE_LIMIT].count()


def unread_counts(user: OuterRef) -> Subquery:
    """The same for each user of another query, as a part of that."""
    return _Count(inbox(user, status="unread").order_by().values("pk")[:BADGE_LIMIT])
