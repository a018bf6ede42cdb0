"""Which rows belong to a month on the walls of their clinics."""

from datetime import date

from django.db.models import Q, QuerySet

from events.rules.months import bounds
from home.models import Clinic
from notifications.timezones import known_zone


def in_month(month: date, clinics: QuerySet[Clinic]) -> Q:
    """Those of these clinics that begin in this month in the zone of their clinic. One query, which asks for the zones.

    For rows with a `clinic` and a `starts_at`.
    """
    found = Q(pk__in=[])
    for zone in clinics.order_by().values_list("timezone", flat=True).distinct():
        start, end = bounds(month, known_zone(zone))
        found |= Q(clinic__timezone=zone, starts_at__gte=start, starts_at__lt=end)
    return found
