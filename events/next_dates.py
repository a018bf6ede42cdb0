"""When patients come next, for those who ask `home.record.next_visits`: at a visit or at a club."""

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from django.db.models import F, Q
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from events.models import HAS_PLACE, Attendance, ClinicEvent, Visit
from events.rules.visit_days import is_working_day
from events.selectors.events import with_counts
from events.selectors.visits import next_days
from events.visits.by_call import visit_promised, visit_take_back
from home.models import Patient
from home.record.next_visits import Calendar, EarlierDate, NextVisit, register_calendar

SUPPLIES = (Visit.Kind.COLLECTION, Visit.Kind.OTHER)
"""The kinds of visits at which medicine is handed out."""
MOST = 3
"""So many clubs, and so many plain days, are offered."""


def next_of(patient_ids: Collection[int], today: date) -> Mapping[int, NextVisit]:
    """The earliest planned visit for supplies, or club where the patient has a place. Two queries."""
    found: dict[int, NextVisit] = {}
    for visit in next_days(patient_ids, SUPPLIES, today):
        found.setdefault(visit.patient_id, NextVisit(visit.day, visit.get_kind_display()))
    # A club's day is the clinic's, which is not yet known: a day before in UTC is left out below.
    begins = datetime.combine(today - timedelta(days=1), time.min, UTC)
    rows = Attendance.objects.filter(
        patient_id__in=patient_ids,
        state__in=HAS_PLACE,
        event__state=ClinicEvent.State.PLANNED,
        event__starts_at__gte=begins,
    ).select_related("event__clinic")
    for each in rows.order_by("event__starts_at", "id"):
        event = each.event
        day = event.starts_at.astimezone(ZoneInfo(event.clinic.zone)).date()
        patient_id = each.patient_id
        if patient_id is None or day < today:
            continue
        if patient_id not in found or day < found[patient_id].day:
            found[patient_id] = NextVisit(day, event.title)
    return found


def before(patient: Patient, today: date, last: date) -> list[EarlierDate]:
    """Clubs of the patient's clinic with a free place, then working days, the latest first. One query.

    The latest is best: whoever comes too early has more at home than they need.
    """
    zone = ZoneInfo(patient.clinic.zone)
    clubs = with_counts(
        ClinicEvent.objects.filter(
            clinic_id=patient.clinic_id,
            state=ClinicEvent.State.PLANNED,
            starts_at__gte=datetime.combine(today, time.min, zone),
            starts_at__lt=datetime.combine(last + timedelta(days=1), time.min, zone),
        )
    ).filter(Q(capacity__isnull=True) | Q(joined__lt=F("capacity")))
    offered = [
        EarlierDate(
            event.starts_at.astimezone(zone).date(),
            event.title,
            f"{reverse('clinic_events:attendance', args=[event.pk])}?{urlencode({'patient': patient.pk})}",
        )
        for event in clubs.order_by("-starts_at", "-id")[:MOST]
    ]
    days = (last - timedelta(days=number) for number in range((last - today).days + 1))
    plain = islice((day for day in days if is_working_day(day)), MOST)
    return offered + [EarlierDate(day, _("collection"), plan_url(patient.pk, day)) for day in plain]


def plan_url(patient_id: int, day: date | None = None, kind: str = Visit.Kind.COLLECTION) -> str:
    """The page that plans such a visit."""
    asked: dict[str, str | int] = {"patient": patient_id, "kind": kind}
    if day:
        asked["day"] = day.isoformat()
    return f"{reverse('visits:add')}?{urlencode(asked)}"


register_calendar(Calendar(next_of, before, visit_promised, visit_take_back))
