"""Join, leave, wait, move up, and who was there. Whoever changes an event's places holds its row."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, F, Q
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
            publish_joined(attendance, now=now)
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
            move_up([event], now=now)
    return attendance


def attendance_mark(*, attendance_id: int, state: str, now: datetime) -> Attendance:
    """Write down that somebody who joined was there (attended) or not (no_show), or take that back (joined).

    From an hour before the start, without an end. EventRefusedError when it is too early, the event is cancelled, or
    the person has no place.
    """
    if state not in HAS_PLACE:
        raise refusal("state", _("The state must be: was there, did not come, or joined."), "state")
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


def move_up(events: Sequence[ClinicEvent], *, now: datetime) -> int:
    """Give the free places of events that are held to those who wait, in order, and tell them; how many.

    Four queries, however many events.
    """
    waiting: dict[int, list[Attendance]] = defaultdict(list)
    ids = {event.pk for event in events}
    for each in Attendance.objects.filter(event_id__in=ids, state=State.WAITING).order_by("asked_at", "id"):
        waiting[each.event_id].append(each)
    taken = _places_taken(waiting)
    lucky: list[Attendance] = []
    for event in events:
        free = None if event.capacity is None else max(0, event.capacity - taken[event.pk])
        lucky += waiting[event.pk][:free]
    if lucky:
        Attendance.objects.filter(id__in=[each.pk for each in lucky]).update(state=State.JOINED)
        publish_place_free(lucky, now=now)
    return len(lucky)


def fill_free_places(*, now: datetime) -> int:
    """Give places that nobody gave back, as of somebody whose account was erased, to those who wait; how many.

    Safe to repeat and to run twice at once.
    """
    taken = Count("attendances", filter=Q(attendances__state__in=HAS_PLACE))
    wanted = Attendance.objects.filter(state=State.WAITING).values("event_id")
    free = (
        ClinicEvent.objects.filter(id__in=wanted, state=ClinicEvent.State.PLANNED, ends_at__gt=now)
        .annotate(taken=taken)
        .filter(Q(capacity__isnull=True) | Q(taken__lt=F("capacity")))
        .values_list("id", flat=True)
    )
    ids = list(free)
    if not ids:
        return 0
    with transaction.atomic():
        # What was read before they were held may be different now: all of it is looked at again.
        held = ClinicEvent.objects.select_for_update(of=("self",)).filter(id__in=ids).order_by("id")
        return move_up([event for event in held if event.is_open(now)], now=now)


def _places_taken(event_ids: Iterable[int]) -> Counter[int]:
    """How many people have a place, by the event's id."""
    rows = Attendance.objects.filter(event_id__in=set(event_ids), state__in=HAS_PLACE)
    return Counter(dict(rows.values_list("event_id").annotate(number=Count("*")).order_by()))
