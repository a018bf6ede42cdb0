"""Make, change, move and cancel one event."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from events.models import ClinicEvent
from events.services.attendance import lock_event
from events.services.changes.apply import cancel, carry_out
from events.services.changes.details import check_details, set_next_notice
from events.services.changes.plan import Change, plan_event
from events.services.messages import publish_cancelled
from events.services.refusals import refuse_past


def event_create(*, event: ClinicEvent, now: datetime) -> ClinicEvent:
    """Save a new event that is of no series. ValidationError says by field what is wrong with it."""
    event.created_at = event.updated_at = now
    event.full_clean()
    refuse_past(event.starts_at, now)
    set_next_notice(event, now)
    event.save()
    return event


def event_change(*, event_id: int, details: Mapping[str, Any], now: datetime) -> ClinicEvent:
    """Give one event other details (keys of `details.DETAILS`). More places go to those who wait.

    Of another place people are told as of another time. EventRefusedError when the event is over or cancelled, or would
    have fewer places than people; ValidationError for a value that can't be.
    """
    check_details(details)
    return _alone(event_id, Change(details=details), now)


def event_move(*, event_id: int, starts_at: datetime, ends_at: datetime, now: datetime) -> ClinicEvent:
    """Move one event to another time (aware). Its people are told once, and no reminder comes for the old time.

    One of a series keeps its identity, and follows the pattern no more. EventRefusedError when it is over or cancelled,
    or would begin in the past.
    """
    return _alone(event_id, Change(starts_at=starts_at, ends_at=ends_at), now)


def event_cancel(*, event_id: int, now: datetime, reason: str = "") -> ClinicEvent:
    """Call an event off: everyone who joined or waits is told once. Harmless when it was cancelled before.

    EventRefusedError when it is over.
    """
    with transaction.atomic():
        event = lock_event(event_id)
        if event.state != ClinicEvent.State.CANCELLED:
            cancel(event, now=now, reason=reason)
            event.save()
            publish_cancelled([event], now=now)
    return event


def _alone(event_id: int, change: Change, now: datetime) -> ClinicEvent:
    with transaction.atomic():
        event = lock_event(event_id)
        carry_out(plan_event(event, change, now=now), now=now)
    return event
