"""What a person does with a message of theirs. Everything may be done twice, the second time changes nothing."""

from datetime import datetime

from django.db.models import F
from django.db.models.functions import Coalesce

from notifications.selectors.inbox import inbox, received


def message_read(*, message_id: int, user_id: int, now: datetime) -> bool:
    """Mark it as read; whether it was unread until now."""
    unread = received(user_id).filter(id=message_id, read_at__isnull=True).order_by()
    return bool(unread.update(read_at=now))


def message_acknowledge(*, message_id: int, user_id: int, now: datetime) -> bool:
    """Note that they have taken it in, which also reads it; whether that is new."""
    waiting = received(user_id).filter(id=message_id, acknowledged_at__isnull=True).order_by()
    return bool(waiting.update(acknowledged_at=now, read_at=Coalesce(F("read_at"), now)))


def message_dismiss(*, message_id: int, user_id: int, now: datetime) -> bool:
    """Put it away; whether it was there until now. An unread one stays unread, so nothing is lost by a way back."""
    there = received(user_id).filter(id=message_id, dismissed_at__isnull=True).order_by()
    return bool(there.update(dismissed_at=now))


def message_restore(*, message_id: int, user_id: int) -> bool:
    """Put a dismissed one back; whether it was away until now."""
    away = received(user_id).filter(id=message_id, dismissed_at__isnull=False).order_by()
    return bool(away.update(dismissed_at=None))


def messages_read_all(*, user_id: int, until: datetime, now: datetime) -> int:
    """Mark as read what had come by `until` (aware), so that none is read that nobody saw; how many."""
    unread = inbox(user_id, status="unread").filter(sent_at__lte=until).order_by()
    return unread.update(read_at=now)
