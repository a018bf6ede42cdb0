"""Programmes as whoever manages clinics may see them: with the series at those clinics and no others."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Q, QuerySet

from events.models import EventSeries, Programme
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


def manages_several(user: User | AnonymousUser) -> bool:
    """Whether planning for several clinics is of use to this person. One query."""
    return len(clinics_managed_by(user)[:2]) > 1
