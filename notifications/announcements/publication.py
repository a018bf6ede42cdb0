"""What an announcement becomes when it is handed over."""

from datetime import datetime

from notifications.event_types import ANNOUNCEMENT, payload_of
from notifications.models import Announcement, EventRecord
from notifications.pipeline.bus import publish
from notifications.types import Priority


def announcement_publish(announcement: Announcement, *, approved: bool, now: datetime) -> EventRecord:
    """Publish what stands in the row, once. Call it in a transaction that has the row."""
    record = publish(
        ANNOUNCEMENT,
        payload_of(announcement, approved=approved),
        dedupe_key=f"announcement:{announcement.pk}",
        at=announcement.at,
        priority=Priority(announcement.priority),
        now=now,
    )
    announcement.event_record, announcement.delete_at = record, record.delete_at
    announcement.save(update_fields=["event_record", "delete_at"])
    return record
