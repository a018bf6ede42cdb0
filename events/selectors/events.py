"""The events that a person may see, their own, and those of staff."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Case, Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from events.models import CONCERNED, HAS_PLACE, Attendance, ClinicEvent, EventSeries
from home.models import User
from home.selectors import clinics_of_staff, patients_of


def with_counts(events: QuerySet[ClinicEvent]) -> QuerySet[Any]:
    """Each event with `joined` (how many people have a place) and `waiting`."""
    return events.annotate(joined=_count(state__in=HAS_PLACE), waiting=_count(state=Attendance.State.WAITING))


def visible_to(user: User | AnonymousUser) -> QuerySet[Any]:
    """The events of the clinics of this person's patients, and those that the person joined or waits for.

    With the counts of `with_counts`, and `mine`: the state of the person's own attendance, or None. Soonest first.
    """
    if not user.is_authenticated:
        return with_counts(ClinicEvent.objects.none())
    clinics = patients_of(user).order_by().values("clinic_id")
    listed = Attendance.objects.filter(user=user, state__in=CONCERNED).values("event_id")
    own = Attendance.objects.filter(event_id=OuterRef("pk"), user=user).values("state")
    events = ClinicEvent.objects.filter(Q(clinic__in=clinics) | Q(id__in=listed))
    found: QuerySet[Any] = with_counts(events).annotate(mine=Subquery(own))
    return found.select_related("clinic").order_by("starts_at", "id")


def upcoming(user: User | AnonymousUser, *, now: datetime) -> QuerySet[Any]:
    """The events of `visible_to` that are not over; also cancelled ones, so that people see that."""
    return visible_to(user).filter(ends_at__gt=now)


def between(user: User | AnonymousUser, *, start: datetime, end: datetime) -> QuerySet[Any]:
    """The events of `visible_to` that begin from start to before end (aware), as a calendar shows them."""
    return visible_to(user).filter(starts_at__gte=start, starts_at__lt=end)


def event_for(user: User | AnonymousUser, event_id: int) -> Any | None:
    """The event, as in `visible_to`; None if it does not exist or this person may not see it."""
    return visible_to(user).filter(id=event_id).first()


def my_events(user: User | AnonymousUser, *, now: datetime) -> QuerySet[Any]:
    """The events that are not over, also cancelled ones, where this person has a place or waits."""
    return upcoming(user, now=now).filter(mine__in=[*HAS_PLACE, Attendance.State.WAITING])


def events_for_staff(user: User | AnonymousUser) -> QuerySet[Any]:
    """The events of this member of staff's clinics, with their counts, latest first."""
    events = ClinicEvent.objects.filter(clinic__in=clinics_of_staff(user))
    return with_counts(events).select_related("clinic", "series").order_by("-starts_at", "-id")


def series_for_staff(user: User | AnonymousUser, *, now: datetime) -> QuerySet[Any]:
    """The series of this member of staff's clinics, with `ahead`: how many of their events are still planned."""
    planned = Q(events__state=ClinicEvent.State.PLANNED, events__starts_at__gt=now)
    series = EventSeries.objects.filter(clinic__in=clinics_of_staff(user))
    return series.select_related("clinic").annotate(ahead=Count("events", filter=planned))


def attendance_list(event_id: int) -> QuerySet[Attendance]:
    """The attendance of an event: first people with a place, then the waiting list, in the order of asking."""
    waits = Case(When(state=Attendance.State.WAITING, then=Value(1)), default=Value(0))
    listed = Attendance.objects.filter(event_id=event_id).exclude(state=Attendance.State.LEFT)
    return listed.select_related("user", "patient").order_by(waits, "asked_at", "id")


def _count(**filters: Any) -> Coalesce:
    rows = Attendance.objects.filter(event_id=OuterRef("pk"), **filters).order_by().values("event_id")
    return Coalesce(
        Subquery(rows.annotate(number=Count("*")).values("number")), 0, output_field=IntegerField()
    )
