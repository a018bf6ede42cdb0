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


def publish_moved(groups: Iterable[Sequence[tuple[ClinicEvent, datetime]]], *, now: datetime) -> None:
    """These events are at another time or place now; each with the start that people know.

    One publication for each group, so that a person who joined several of its events is notified once.
    """
    publications = []
    for group in filter(None, groups):
        moved = [[event.pk, event.sequence, before.isoformat()] for event, before in group]
        publications.append(({"moved": moved}, _key_of(group[0][0])))
    if publications:
        bus.publish_many("event.moved", publications, now=now)


def publish_cancelled(groups: Iterable[Sequence[ClinicEvent]], *, now: datetime) -> None:
    """These events were cancelled; one publication for each group."""
    publications = [
        ({"event_ids": [event.pk for event in group]}, _key_of(group[0])) for group in groups if group
    ]
    if publications:
        bus.publish_many("event.cancelled", publications, now=now)


def _key_of(first: ClinicEvent) -> str:
    return f"{first.pk}:{first.sequence}"


def _key(attendance: Attendance) -> str:
    return f"{attendance.pk}:{attendance.asked_at.isoformat()}"
