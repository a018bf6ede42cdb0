"""What this app says on the bus. Each call belongs into the transaction that changes the rows."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from events.models import Attendance, ClinicEvent
from notifications import bus


def publish_joined(attendance: Attendance, *, now: datetime) -> None:
    """Somebody has a place. Said again when they come back after having withdrawn."""
    bus.publish("event.joined", {"attendance_id": attendance.pk}, dedupe_key=_key(attendance), now=now)


def publish_place_free(attendances: Iterable[Attendance], *, now: datetime) -> None:
    """These people waited, and have a place now."""
    publications = [({"attendance_id": each.pk}, _key(each)) for each in attendances]
    bus.publish_many("event.place_free", publications, now=now)


def publish_moved(events: Sequence[tuple[ClinicEvent, datetime]], *, now: datetime) -> None:
    """These events are at another time or place now; each with the start that people know.

    One publication for all that is moved together, so that a person who joined several of them is told once.
    """
    if events:
        moved = [[event.pk, event.sequence, before.isoformat()] for event, before in events]
        first = events[0][0]
        bus.publish("event.moved", {"moved": moved}, dedupe_key=f"{first.pk}:{first.sequence}", now=now)


def publish_cancelled(events: Sequence[ClinicEvent], *, now: datetime) -> None:
    """These events don't take place; one publication for all that is cancelled together."""
    if events:
        first = events[0]
        bus.publish(
            "event.cancelled",
            {"event_ids": [event.pk for event in events]},
            dedupe_key=f"{first.pk}:{first.sequence}",
            now=now,
        )


def _key(attendance: Attendance) -> str:
    return f"{attendance.pk}:{attendance.asked_at.isoformat()}"
