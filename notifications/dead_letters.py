"""Staff's way back for what was given up."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from notifications import tasks
from notifications.models import Delivery, EventRecord
from notifications.scheduling.dead_letters import revive_deliveries, revive_publications


def retry(deliveries: QuerySet[Delivery], *, now: datetime) -> int:
    """Send failed deliveries again at once; how many, without those that are of no use any more."""
    with transaction.atomic():
        channels = list(deliveries.order_by().values_list("channel", flat=True).distinct())
        revived = revive_deliveries(deliveries, due_at=now)
        if revived:
            for channel in channels:
                tasks.wake_on_commit(tasks.deliver, channel)
    return revived


def retry_publications(records: QuerySet[EventRecord], *, now: datetime) -> int:
    """Tell people of failed publications after all; how many publications. Whoever was told isn't told twice."""
    with transaction.atomic():
        revived = revive_publications(records, now=now)
        if revived:
            tasks.wake_on_commit(tasks.fan_out)
    return revived
