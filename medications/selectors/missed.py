"""Reads: who missed doses on several of the last days."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from home.models import Patient
from home.selectors import patients_here
from medications.models import Dose
from medications.rules.missed_days import WINDOW, MissedDays, missed_days
from notifications.timezones import known_zone

_MISSED = (Dose.State.UNANSWERED, Dose.State.MISSED)
_ANY_ZONE = timedelta(days=1)
"""As much as local days can differ from those in UTC."""


def who_missed(clinic_ids: Collection[int], *, now: datetime) -> Mapping[int, MissedDays]:
    """The patients of these clinics who missed doses on so many days that it is worth a call, whoever lives and is
    treated there. What nobody answered is missed when its window has ended. Doses of what has ended don't count; those
    of what is taken as needed are never missed. Two queries.
    """
    goes_on = Q(prescription__end_date__isnull=True) | Q(prescription__end_date__gte=(now - _ANY_ZONE).date())
    rows = Dose.objects.filter(
        goes_on,
        due_at__gt=now - timedelta(days=WINDOW) - _ANY_ZONE,
        due_at__lte=now,
        missed_at__lte=now,
        state__in=_MISSED,
        patient__in=patients_here(clinic_ids),
        prescription__ended_at__isnull=True,
    )
    days: dict[int, set[date]] = defaultdict(set)
    for patient_id, day in rows.values_list("patient_id", "local_day").distinct().order_by():
        if day is not None:
            days[patient_id].add(day)
    zones = Patient.objects.filter(pk__any_of=set(days)).values_list("pk", "timezone", "clinic__timezone")
    found = {}
    for patient_id, own, clinics in zones:
        today = now.astimezone(ZoneInfo(known_zone(own, known_zone(clinics)))).date()
        if missed := missed_days(days[patient_id], today=today):
            found[patient_id] = missed
    return found
