"""Who may look at the texts of messages, and who writes them: head office its own, a place's writers theirs."""

from typing import Any

from django.db.models import Q, QuerySet

from notifications.admin.owned_rows import OwnedRowsPolicy
from notifications.models import NotificationTemplate
from notifications.places import seen_by, written_by


def seen(user: Any) -> QuerySet[NotificationTemplate]:
    """Head office's texts, and those of the places where this person works."""
    return NotificationTemplate.objects.filter(Q(scope_id__isnull=True) | Q(scope_id__in=seen_by(user)))


def written(user: Any) -> QuerySet[NotificationTemplate]:
    """The texts that this person writes."""
    scopes = written_by(user)
    mine = Q(scope_id__in=[scope_id for scope_id in scopes if scope_id is not None])
    return NotificationTemplate.objects.filter(mine | Q(scope_id__isnull=True) if None in scopes else mine)


POLICY = OwnedRowsPolicy(
    NotificationTemplate, seen=seen, written=written, writes=lambda user: bool(written_by(user))
)
