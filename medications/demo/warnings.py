"""The stock warnings that the periodic tasks would have sent in their last round."""

from collections.abc import Collection
from datetime import datetime
from zoneinfo import ZoneInfo

from medications.demo.history import tell_waiting
from medications.models import StockBatch
from medications.services.stock_warnings import send_expiry_warnings, send_low_stock_warnings
from notifications.models import EventRecord


def warn(batches: Collection[StockBatch], *, zone: ZoneInfo, now: datetime) -> list[int]:
    """Send the warnings about those of these batches that are low or expire; the ids of the messages.

    Warnings about other stock of the site are sent as usual.
    """
    send_low_stock_warnings(now=now)
    send_expiry_warnings(now=now)
    wall = now.astimezone(zone)
    last_round = wall.replace(hour=wall.hour // 6 * 6, minute=0, second=0, microsecond=0)
    ids = {batch.id for batch in batches}
    told = []
    for name in ("medication.low_stock", "medication.expiring"):
        waiting = EventRecord.objects.filter(event_type=name, state=EventRecord.State.PENDING)
        ours = [record for record in waiting if record.payload["stock_batch_id"] in ids]
        told += tell_waiting(name, ours, at=last_round)
    return told
