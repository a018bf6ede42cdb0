"""Join, leave, wait, move up, and who was there. Whoever changes an event's places holds its row."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from events.exceptions import refusal
from events.models import HAS_PLACE, Attendance, ClinicEvent
from events.services.messages import publish_joined, publish_place_free
from events.services.refusals import refuse_cancelled, refuse_closed
from home.models import User

State = Attendance.State

DOOR_OPENS = timedelta(hours=1)
"""So long before the start staff may begin to mark who is there."""


def lock_event(event_id: int) -> ClinicEvent:
    """The event, held until the transaction ends. ClinicEvent.DoesNotExist when there is none."""
    return ClinicEvent.objects.select_for_update(of=("self",)).get(id=event_id)


def event_join(*, event_id: int, user: User, now: datetime) -> Attendance:
    """Give this person a place, or one on the waiting list when the event is full; look at `state` for which.

    Harmless for who has either already. The last place goes to one person. EventRefusedError when the event is past or
    cancelled. Whether the person may see the event is the caller's to know (`selectors.visible_to`).
    """
    with transaction.atomic():
        event = lock_event(event_id)
        refuse_closed(event, now)
        attendance = Attendance.objects.filter(event=event, user=user).first()
        if attendance and attendance.state != State.LEFT:
            return attendance
        attendance = attendance or Attendance(event=event, user=user)
        attendance.asked_at = now
        attendance.state = State.WAITING if places_free(event) == 0 else State.JOINED
        attendance.save()
        if attendance.state == State.JOINED:
            publish_joined(attendance)
    return attendance


def event_leave(*, event_id: int, user: User, now: datetime) -> Attendance | None:
    """Withdraw this person; None when they never joined. The first who waits has the place, and is told.

    Nothing is sent to whoever withdrew from then on. Harmless for who withdrew before, and for who was marked at the
    door. EventRefusedError when the event is past or cancelled.
    """
    with transaction.atomic():
        event = lock_event(event_id)
        refuse_closed(event, now)
        attendance = Attendance.objects.filter(event=event, user=user).first()
        if attendance and attendance.state in (State.JOINED, State.WAITING):
            attendance.state = State.LEFT
            attendance.save(update_fields=["state"])
            move_up(event)
    return attendance


def attendance_mark(*, attendance_id: int, state: str, now: datetime) -> Attendance:
    """Write down that somebody who joined was there (attended) or not (no_show), or take that back (joined).

    From an hour before the start, without an end. EventRefusedError when it is too early, the event is cancelled, or
    the person has no place.
    """
    if state not in HAS_PLACE:
        raise refusal("state", _("A person is there, not there, or joined."), "state")
    with transaction.atomic():
        attendance = Attendance.objects.select_for_update(of=("self",)).get(id=attendance_id)
        event = attendance.event
        refuse_cancelled(event)
        if now < event.starts_at - DOOR_OPENS:
            raise refusal("event", _("It is too early: the list opens an hour before the start."), "early")
        if attendance.state not in HAS_PLACE:
            raise refusal("state", _("This person has no place at the event."), "no_place")
        attendance.state = state
        attendance.save(update_fields=["state"])
    return attendance


def places_taken(event: ClinicEvent) -> int:
    """How many people have a place."""
    return Attendance.objects.filter(event=event, state__in=HAS_PLACE).count()


def places_free(event: ClinicEvent) -> int | None:
    """How many places are left; None when there is no limit."""
    return None if event.capacity is None else max(0, event.capacity - places_taken(event))


def move_up(event: ClinicEvent) -> int:
    """Give the free places of an event that is held to those who wait, in order, and tell them; how many."""
    free = places_free(event)
    waiting = Attendance.objects.filter(event=event, state=State.WAITING).order_by("asked_at", "id")
    lucky = list(waiting if free is None else waiting[:free])
    Attendance.objects.filter(id__in=[each.pk for each in lucky]).update(state=State.JOINED)
    if lucky:
        publish_place_free(lucky)
    return len(lucky)
