"""What a person does with a message of theirs. Everything may be done twice, the second time changes nothing."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce

from notifications.models import Notification
from notifications.selectors.inbox import inbox, received
from notifications.work import plan


def message_read(*, message_id: int, user_id: int, now: datetime) -> bool:
    """Mark it as read, so that no further step of its plan is sent; whether it was unread until now."""
    unread = received(user_id).filter(id=message_id, read_at__isnull=True)
    return _mark([message_id], unread, now, read_at=now) > 0


def message_acknowledge(*, message_id: int, user_id: int, now: datetime) -> bool:
    """Note that they have taken it in, which also reads it; whether that is new."""
    waiting = received(user_id).filter(id=message_id, acknowledged_at__isnull=True)
    return _mark([message_id], waiting, now, acknowledged_at=now, read_at=Coalesce(F("read_at"), now)) > 0


def message_dismiss(*, message_id: int, user_id: int, now: datetime) -> bool:
    """Put it away, so that no further step of its plan is sent; whether it was there until now. An unread one stays
    unread, so nothing is lost by a way back.
    """
    there = received(user_id).filter(id=message_id, dismissed_at__isnull=True)
    return _mark([message_id], there, now, dismissed_at=now) > 0


def message_restore(*, message_id: int, user_id: int) -> bool:
    """Put a dismissed one back; whether it was away until now."""
    away = received(user_id).filter(id=message_id, dismissed_at__isnull=False).order_by()
    return bool(away.update(dismissed_at=None))


def messages_read_all(*, user_id: int, until: datetime, now: datetime) -> int:
    """Mark as read what had come by `until` (aware), so that none is read that nobody saw; how many."""
    unread = inbox(user_id, status="unread").filter(sent_at__lte=until)
    ids = list(unread.order_by().values_list("pk", flat=True))
    return _mark(ids, unread.filter(pk__any_of=ids), now, read_at=now)


def _mark(ids: Sequence[int], rows: QuerySet[Notification], now: datetime, **marks: Any) -> int:
    """Whoever has seen a message is told of it by no further step of its plan."""
    with transaction.atomic():
        marked = rows.order_by().update(**marks)
        if marked:
            plan.end(ids, now=now)
    return marked
