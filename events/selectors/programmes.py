"""Programmes as whoever manages clinics may see them: with the series at those clinics and no others."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from events.models import ClinicEvent, EventSeries, Programme
from home.models import User
from home.selectors import clinics_managed_by


def programmes_of(user: User | AnonymousUser) -> QuerySet[Any]:
    """The programmes at clinics that this person manages, with `clinics`: at how many of those."""
    managed = Q(series__clinic__in=clinics_managed_by(user))
    rows = Programme.objects.annotate(clinics=Count("series__clinic", filter=managed, distinct=True))
    return rows.filter(clinics__gt=0)


def series_of(programme_id: int, user: User | AnonymousUser) -> QuerySet[EventSeries]:
    """The series of a programme at the clinics that this person manages, those that were split from others too."""
    rows = EventSeries.objects.filter(programme=programme_id, clinic__in=clinics_managed_by(user))
    return rows.select_related("clinic").order_by("clinic__name", "id")


def series_with_ahead(programme_id: int, user: User | AnonymousUser, *, now: datetime) -> QuerySet[Any]:
    """The same, with `has_ahead`: whether there is an event still to come. One query."""
    ahead = ClinicEvent.objects.filter(
        series=OuterRef("pk"), state=ClinicEvent.State.PLANNED, starts_at__gt=now
    )
    return series_of(programme_id, user).annotate(has_ahead=Exists(ahead))


def is_managed_whole(programme_id: int, user: User | AnonymousUser) -> bool:
    """Whether this person manages every clinic where it is. One query."""
    of_it = EventSeries.objects.filter(programme=programme_id)
    return not of_it.exclude(clinic__in=clinics_managed_by(user)).exists()


def manages_several(user: User | AnonymousUser) -> bool:
    """Whether planning for several clinics is of use to this person. One query."""
    return len(clinics_managed_by(user)[:2]) > 1
