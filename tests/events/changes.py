"""Changes of one event alone, as staff make them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from events.services.changes.change import change_apply
from events.services.changes.plan import Applied, Change, Scope


def event_move(*, event_id: int, starts_at: datetime, ends_at: datetime, now: datetime) -> Applied:
    return _alone(event_id, Change(starts_at=starts_at, ends_at=ends_at), now)


def event_change(*, event_id: int, details: Mapping[str, Any], now: datetime) -> Applied:
    return _alone(event_id, Change(details=details), now)


def _alone(event_id: int, change: Change, now: datetime) -> Applied:
    return change_apply(event_id=event_id, scope=Scope.THIS, change=change, now=now)
