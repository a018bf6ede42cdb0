"""Make and cancel one event. `events.services.changes` changes one."""

from datetime import datetime

from django.db import transaction

from events.models import ClinicEvent
from events.services.attendance import lock_event
from events.services.changes.apply import cancel
from events.services.changes.details import set_next_notice
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


def event_cancel(*, event_id: int, now: datetime, reason: str = "") -> ClinicEvent:
    """Cancel an event: everyone who joined or waits is notified once. Harmless when it was cancelled before.

    EventRefusedError when it is over.
    """
    with transaction.atomic():
        event = lock_event(event_id)
        if event.state != ClinicEvent.State.CANCELLED:
            cancel(event, now=now, reason=reason)
            event.save()
            publish_cancelled([[event]], now=now)
    return event
