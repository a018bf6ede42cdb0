"""Join, leave, wait, move up, and mark attendance. Each change of an event's places locks its row."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, F, Q
from django.utils.translation import gettext_lazy as _

from events.exceptions import refusal
from events.models import HAS_PLACE, Attendance, ClinicEvent
from events.rules.notice_times import STARTING
from events.services.messages import publish_joined, publish_place_free, publish_starting
from events.services.refusals import refuse_cancelled, refuse_closed, refuse_gone
from home.models import CareRole, Patient, Relation, User

State = Attendance.State

DOOR_OPENS = timedelta(hours=1)
"""From so long before the start staff may mark attendance."""


def lock_event(event_id: int) -> ClinicEvent:
    """The event with its clinic, locked until the transaction ends. ClinicEvent.DoesNotExist when there is none."""
    rows = ClinicEvent.objects.select_for_update(of=("self",)).select_related("clinic")
    return rows.get(id=event_id)


def event_join(*, event_id: int, user: User, now: datetime) -> Attendance:
    """Give this person a place, or put them on the waiting list when the event is full; `state` says which.

    Harmless when they have either already; who waits takes a place that is free, once nobody is moved up any more.
    The last place goes to one person. Within the last hour they get `event.starting` at once, which they would miss.
    EventRefusedError when the event is past or cancelled. The caller checks that the person may see the event
    (`selectors.visible_to`).
    """
    with transaction.atomic():
        event = lock_event(event_id)
        refuse_closed(event, now)
        own = CareRole.objects.filter(user=user, relation=Relation.SELF)
        return _give_place(event, user.pk, own.values_list("patient_id", flat=True).first(), now)


def patient_join(*, event_id: int, patient_id: int, now: datetime) -> Attendance:
    """As `event_join`, for a patient whom staff put on the list, with or without an account of their own.

    The caller checks that staff may see the patient and the event. EventRefusedError also for whoever died or left.
    """
    with transaction.atomic():
        # First, as by whoever departs: then neither waits for the other.
        patient = Patient.objects.select_for_update().get(pk=patient_id)
        event = lock_event(event_id)
        refuse_closed(event, now)
        refuse_gone(patient)
        own = CareRole.objects.filter(patient=patient, relation=Relation.SELF)
        return _give_place(event, own.values_list("user_id", flat=True).first(), patient_id, now)


def _give_place(event: ClinicEvent, user_id: int | None, patient_id: int | None, now: datetime) -> Attendance:
    """A place at this locked event, or one on its waiting list, for a person with an account, a patient, or both."""
    who = Q(user_id=user_id) if user_id else Q(pk__in=[])
    if patient_id:
        who |= Q(patient_id=patient_id)
    listed = list(Attendance.objects.filter(who, event=event).order_by("id"))
    attendance = listed[0] if listed else None
    if attendance and len(listed) == 1:
        _complete(attendance, user_id, patient_id)
    if attendance and attendance.state not in (State.LEFT, State.WAITING):
        return attendance
    is_full = places_free(event) == 0
    if attendance and attendance.state == State.WAITING and (is_full or event.moves_up(now)):
        return attendance
    attendance = attendance or Attendance(event=event, user_id=user_id, patient_id=patient_id)
    attendance.asked_at = now
    attendance.state = State.WAITING if is_full else State.JOINED
    attendance.save()
    if attendance.state == State.JOINED:
        publish_joined(attendance, now=now)
        _say_that_it_starts([(event, attendance)], now=now)
    return attendance


def _complete(attendance: Attendance, user_id: int | None, patient_id: int | None) -> None:
    """Whoever was put on the list before they had an account, or was no patient then, is one line from now on."""
    whose = attendance.user_id or user_id, attendance.patient_id or patient_id
    if whose != (attendance.user_id, attendance.patient_id):
        attendance.user_id, attendance.patient_id = whose
        attendance.save(update_fields=["user", "patient"])


def event_leave(*, event_id: int, user: User, now: datetime) -> Attendance | None:
    """Withdraw this person; None when they never joined. The first on the waiting list gets the place, and is notified.

    Shortly before the start (a setting of the clinic) and after it nobody gets it. Nothing more is sent to them.
    Harmless when they withdrew before, or were marked as present or absent. EventRefusedError when the event is past or
    cancelled.
    """
    with transaction.atomic():
        event = lock_event(event_id)
        refuse_closed(event, now)
        attendance = Attendance.objects.filter(event=event, user=user).first()
        if attendance:
            _withdraw(event, attendance, now)
    return attendance


def attendance_withdraw(*, attendance_id: int, event_id: int, now: datetime) -> Attendance:
    """As `event_leave`, for the person of this line of the list. Attendance.DoesNotExist where there is none."""
    with transaction.atomic():
        event = lock_event(event_id)
        refuse_closed(event, now)
        attendance = Attendance.objects.get(pk=attendance_id, event=event)
        _withdraw(event, attendance, now)
    return attendance


def _withdraw(event: ClinicEvent, attendance: Attendance, now: datetime) -> None:
    if attendance.state in (State.JOINED, State.WAITING):
        attendance.state = State.LEFT
        attendance.save(update_fields=["state"])
        move_up([event], now=now)


def attendance_mark(*, attendance_id: int, state: str, now: datetime) -> Attendance:
    """Mark a person who joined as present (attended) or absent (no_show), or take that back (joined).

    Possible from an hour before the start, without an end. EventRefusedError when it is too early, the event is
    cancelled, or the person has no place.
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
    """Give the free places of locked events to the waiting list, in order, and notify those people; how many.

    Nobody is moved up so late that they couldn't come. Join the clinics. At most five queries, however many events.
    """
    events = [event for event in events if event.moves_up(now)]
    if not events:
        return 0
    waiting: dict[int, list[Attendance]] = defaultdict(list)
    ids = {event.pk for event in events}
    for each in Attendance.objects.filter(event_id__in=ids, state=State.WAITING).order_by("asked_at", "id"):
        waiting[each.event_id].append(each)
    taken = _places_taken(waiting)
    lucky: list[tuple[ClinicEvent, Attendance]] = []
    for event in events:
        free = None if event.capacity is None else max(0, event.capacity - taken[event.pk])
        lucky += [(event, each) for each in waiting[event.pk][:free]]
    if lucky:
        Attendance.objects.filter(id__in=[each.pk for _, each in lucky]).update(state=State.JOINED)
        publish_place_free([each for _, each in lucky], now=now)
        _say_that_it_starts(lucky, now=now)
    return len(lucky)


def _say_that_it_starts(new: Iterable[tuple[ClinicEvent, Attendance]], *, now: datetime) -> None:
    """Publish `event.starting` for who has a place only since it was published for everybody."""
    late = [(event, each) for event, each in new if event.starts_at - STARTING <= now < event.starts_at]
    publish_starting(late, now=now)


def fill_free_places(*, now: datetime) -> int:
    """Give places that became free without a withdrawal, as by an erased account, to the waiting list; how many.

    Safe to repeat and to run twice at once.
    """
    taken = Count("attendances", filter=Q(attendances__state__in=HAS_PLACE))
    wanted = Attendance.objects.filter(state=State.WAITING).values("event_id")
    free = (
        ClinicEvent.objects.filter(id__in=wanted, state=ClinicEvent.State.PLANNED, starts_at__gt=now)
        .annotate(taken=taken)
        .filter(Q(capacity__isnull=True) | Q(taken__lt=F("capacity")))
        .values_list("id", flat=True)
    )
    ids = list(free)
    if not ids:
        return 0
    with transaction.atomic():
        # Read again under lock: what was read before may have changed.
        locked = ClinicEvent.objects.select_for_update(of=("self",)).select_related("clinic")
        return move_up(list(locked.filter(id__in=ids).order_by("id")), now=now)


def _places_taken(event_ids: Iterable[int]) -> Counter[int]:
    """How many people have a place, by the event's id."""
    rows = Attendance.objects.filter(event_id__in=set(event_ids), state__in=HAS_PLACE)
    return Counter(dict(rows.values_list("event_id").annotate(number=Count("*")).order_by()))
