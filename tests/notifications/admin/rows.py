"""Messages and deliveries as the pipeline leaves them."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from home.models import User
from home.scope import about_person
from notifications.models import Delivery, Notification

ROUTING = [
    {"channel": "in_app", "send": True, "reason": "always", "send_at": None},
    {"channel": "email", "send": False, "reason": "no_address", "send_at": None},
]


def notification(recipient: User, **fields: Any) -> Notification:
    """A message of the clinic of whom its reader cares for."""
    now = timezone.now()
    given = {
        "event_type": "stock.low",
        "category": "stock",
        "language": "en",
        "title": "Metformin is low",
        "body": "Metformin ends on Friday.",
        "dedupe_key": f"{Notification.objects.count()}",
        "scheduled_at": now,
        "scheduled_status": Notification.Status.SENT,
        "created_at": now,
        "sent_at": now,
        "delete_at": now + timedelta(days=1),
        "routing": ROUTING,
        "scope_id": about_person(recipient.pk).scope_id,
    }
    return Notification.objects.create(recipient=recipient, **given | fields)


def delivery(message: Notification, **fields: Any) -> Delivery:
    now = timezone.now()
    given = {
        "scope_id": message.scope_id,
        "channel": "email",
        "address": "x@example.org",
        "body": "Metformin",
        "due_at": now,
        "state": Delivery.State.FAILED,
        "finished_at": now,
        "error": "550 No such user",
    }
    return Delivery.objects.create(notification=message, **given | fields)
