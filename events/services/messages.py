"""What this app publishes on the bus. Call each in the transaction that changes the rows."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from events.models import Attendance, ClinicEvent
from notifications import bus


def publish_joined(attendance: Attendance, *, now: datetime) -> None:
    """A person has a place. Published again when they join again after withdrawing."""
    bus.publish("event.joined", {"attendance_id": attendance.pk}, dedupe_key=_key(attendance), now=now)


def publish_place_free(attendances: Iterable[Attendance], *, now: datetime) -> None:
    """People on the waiting list have been given a place."""
    publications = [({"attendance_id": each.pk}, _key(each)) for each in attendances]
    bus.publish_many("event.place_free", publications, now=now)


def publish_starting(new: Iterable[tuple[ClinicEvent, Attendance]], *, now: datetime) -> None:
    """An event starts within the hour, and these people have a place only now.

    Everybody who has joined is a recipient; those who were told before are not told again.
    """
    publications = [
        (
            {"event_id": event.pk, "starts_at": event.starts_at.isoformat()},
            f"{event.pk}:{event.starts_at.isoformat()}:{_key(each)}",
        )
        for event, each in new
    ]
    if publications:
        bus.publish_many("event.starting", publications, now=now)


def publish_moved(events: Sequence[tuple[ClinicEvent, datetime]], *, now: datetime) -> None:
    """These events are at another time or place now; each with the start that people know.

    One publication for all that is moved together, so that a person who joined several of them is notified once.
    """
    if events:
        moved = [[event.pk, event.sequence, before.isoformat()] for event, before in events]
        first = events[0][0]
        bus.publish("event.moved", {"moved": moved}, dedupe_key=f"{first.pk}:{first.sequence}", now=now)


def publish_cancelled(events: Sequence[ClinicEvent], *, now: datetime) -> None:
    """These events were cancelled; one publication for all that are cancelled together."""
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
