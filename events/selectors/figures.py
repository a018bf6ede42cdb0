"""Reads: visits, clubs and calls of clinics in numbers, day by day. In sets; for the background."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from django.db.models import Count, DateField, Exists, ExpressionWrapper, OuterRef, Q
from django.db.models.functions import TruncDate

from events.models import Attendance, ClinicEvent, Visit
from home.dashboard.days import Days
from home.models import Clinic, FollowUp
from notifications.models import Notification
from notifications.selectors.figures import sent_between, went_through

CAME_WITHIN = timedelta(days=15)
"""Of a call: whoever comes later comes for another reason."""
_REMINDED_BEFORE = timedelta(days=9)
"""Nobody is reminded of a visit longer before it (events/rules/visit_times.py), in whichever zone."""
_By = dict[tuple[int, date], dict[str, int]]


def visits_by_day(clinics: Sequence[Clinic], days: Days) -> Mapping[tuple[int, date], Mapping[str, int]]:
    """How the visits of each day stand ("attended"), and of how many of them a reminder left the house or was read
    ("attended.reminded"). One query.
    """
    reminders = Notification.objects.filter(
        sent_between(days.begins - _REMINDED_BEFORE, days.ends), went_through(), event_type="visit.reminder"
    )
    rows = (
        Visit.objects.filter(clinic__in=clinics, day__gte=days.first, day__lte=days.last)
        .order_by()
        .values_list("clinic_id", "day", "state")
        .annotate(
            number=Count("pk"), reminded=Count("pk", filter=Q(pk__in=reminders.values("related_object_id")))
        )
    )
    found: _By = defaultdict(dict)
    for clinic_id, day, state, number, reminded in rows:
        found[clinic_id, day] |= {state: number, f"{state}.reminded": reminded}
    return found


def clubs_by_day(clinics: Sequence[Clinic], days: Days) -> Mapping[tuple[int, date], Mapping[str, int]]:
    """How many events began on each day and weren't cancelled ("events"), and how many people have had a place there
    ("joined", "attended", "no_show") or waited in vain ("waiting"). Two queries.
    """
    events = ClinicEvent.objects.filter(
        clinic__in=clinics, starts_at__gte=days.begins, starts_at__lt=days.ends
    ).exclude(state=ClinicEvent.State.CANCELLED)
    held = events.annotate(day=TruncDate("starts_at", tzinfo=days.zone)).order_by()
    found: _By = defaultdict(dict)
    for clinic_id, day, number in held.values_list("clinic_id", "day").annotate(number=Count("pk")):
        found[clinic_id, day]["events"] = number
    people = (
        Attendance.objects.filter(event__in=events)
        .exclude(state=Attendance.State.LEFT)
        .annotate(day=TruncDate("event__starts_at", tzinfo=days.zone))
        .order_by()
    )
    rows = people.values_list("event__clinic_id", "day", "state").annotate(number=Count("pk"))
    for clinic_id, day, state, number in rows:
        found[clinic_id, day][state] = number
    return found


def calls_by_day(clinics: Sequence[Clinic], days: Days) -> Mapping[tuple[int, date], Mapping[str, int]]:
    """How many calls were logged on each day, to how many patients, and how many of these came within `CAME_WITHIN`
    ("calls", "patients", "came"). One query.
    """
    until = ExpressionWrapper(OuterRef("day") + CAME_WITHIN, output_field=DateField())
    came = Visit.objects.filter(
        patient=OuterRef("patient"), state=Visit.State.ATTENDED, day__gte=OuterRef("day"), day__lte=until
    )
    rows = (
        FollowUp.objects.filter(clinic__in=clinics, at__gte=days.begins, at__lt=days.ends)
        .annotate(day=TruncDate("at", tzinfo=days.zone))
        .annotate(has_come=Exists(came))
        .order_by()
        .values_list("clinic_id", "day")
        .annotate(
            calls=Count("pk"),
            patients=Count("patient", distinct=True),
            came=Count("patient", distinct=True, filter=Q(has_come=True)),
        )
    )
    return {
        (clinic_id, day): {"calls": calls, "patients": patients, "came": those}
        for clinic_id, day, calls, patients, those in rows
    }
