"""Reads for a person's pages: their clinics, their turn on a waiting list, and the other dates of a series."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from events.models import CONCERNED, Attendance, ClinicEvent
from events.selectors.events import visible_to
from home.models import Clinic, User
from home.selectors import patients_of


def clinics_of(user: User) -> list[Clinic]:
    """The clinics of this person's patients, by name. One query."""
    theirs = patients_of(user).order_by().values("clinic_id")
    return list(Clinic.objects.filter(pk__in=theirs).order_by("name", "pk"))


def turns(user: User, event_ids: Collection[int]) -> dict[int, int]:
    """This person's position on the waiting list, counted from 1, of each event where they wait. One query."""
    before = (
        Attendance.objects.filter(event_id=OuterRef("event_id"), state=Attendance.State.WAITING)
        .filter(
            Q(asked_at__lt=OuterRef("asked_at")) | Q(asked_at=OuterRef("asked_at"), id__lte=OuterRef("id"))
        )
        .order_by()
        .values("event_id")
        .annotate(number=Count("*"))
        .values("number")
    )
    own = Attendance.objects.filter(user=user, event_id__in=event_ids, state=Attendance.State.WAITING)
    return dict(own.annotate(turn=Subquery(before)).values_list("event_id", "turn"))


def places_of_patients(user: User, event_id: int) -> list[Attendance]:
    """The places that staff gave to this person's patients who have no account, with the patients. One query."""
    theirs = patients_of(user).order_by().values("pk")
    rows = Attendance.objects.filter(
        event_id=event_id, user__isnull=True, patient__in=theirs, state__in=CONCERNED
    )
    return list(rows.select_related("patient", "user").order_by("id"))


def other_dates(user: User, event: ClinicEvent, *, now: datetime) -> QuerySet[Any]:
    """The other events of the same series that aren't over, as in `visible_to`, soonest first."""
    found = visible_to(user).filter(ends_at__gt=now).exclude(pk=event.pk)
    return found.filter(series_id=event.series_id) if event.series_id else found.none()


def at(events: QuerySet[Any], clinic_id: int | None) -> QuerySet[Any]:
    """The events of this clinic; for None all of them."""
    return events if clinic_id is None else events.filter(clinic_id=clinic_id)
