"""Reads of visits: a patient's next ones, those of a person's patients, a clinic's of a day, and the missed ones."""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, DateField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet

from events.models import Attendance, ClinicEvent, Visit
from home.models import Clinic, User, is_here
from home.selectors import patients_of

MISSED_WITHIN = timedelta(days=365)
"""Who was missed before that, and never came since, is not on the list of calls any more."""
INSTEAD_WITHIN = timedelta(days=28)
"""A planned visit of whatever kind so soon after a missed one is one at which all of it can be done."""
_State = Visit.State


def visits_of_people(user: User) -> QuerySet[Visit]:
    """The visits of the patients that this person cares for, with both, soonest first."""
    theirs = patients_of(user).order_by().values("pk")
    return Visit.objects.filter(patient__in=theirs).select_related("patient", "clinic").order_by("day", "id")


def visit_of(user: User, visit_id: int) -> Visit | None:
    """The visit of one of this person's patients; None for any other. One query."""
    return visits_of_people(user).filter(pk=visit_id).first()


def planned_of(patient_id: int) -> QuerySet[Visit]:
    """The planned visits of a patient, soonest first."""
    planned = Visit.objects.filter(patient_id=patient_id, state=_State.PLANNED)
    return planned.select_related("clinic").order_by("day", "id")


def last_of(patient_id: int) -> Visit | None:
    """The latest visit of a patient to which they came or didn't come."""
    decided = Visit.objects.filter(patient_id=patient_id, state__in=[_State.ATTENDED, _State.MISSED])
    return decided.order_by("-day", "-id").first()


def last_known_of(patient_id: int) -> Visit | None:
    """The visit of which it was decided last that they came, or did not, or said that they can't come."""
    said_no = Q(state=_State.CANCELLED, decided_side=Visit.Side.PATIENT)
    known = Visit.objects.filter(
        Q(state__in=[_State.ATTENDED, _State.MISSED]) | said_no, patient_id=patient_id
    )
    return known.order_by(F("decided_at").desc(nulls_last=True), "-day", "-id").first()


def next_days(patient_ids: Collection[int], kinds: Collection[str], today: date) -> Iterable[Visit]:
    """The planned visits of these kinds from this day on, soonest first. One query."""
    return Visit.objects.filter(
        patient_id__in=patient_ids, kind__in=kinds, day__gte=today, state=_State.PLANNED
    ).order_by("day", "id")


def local_days(clinics: Iterable[Clinic], now: datetime) -> dict[date, list[int]]:
    """The ids of clinics by their local date."""
    found: dict[date, list[int]] = {}
    for clinic in clinics:
        found.setdefault(now.astimezone(ZoneInfo(clinic.zone)).date(), []).append(clinic.pk)
    return found


def come_today(clinics: Sequence[Clinic], now: datetime) -> tuple[int, int]:
    """How many of the visits of today there are, and to how many people came. One query."""
    today = Q(pk__in=[])
    for day, ids in local_days(clinics, now).items():
        today |= Q(clinic_id__in=ids, day=day)
    expected = Visit.objects.filter(today, state__in=[_State.PLANNED, _State.ATTENDED, _State.MISSED])
    counts = expected.aggregate(all=Count("*"), came=Count("pk", filter=Q(state=_State.ATTENDED)))
    return counts["all"], counts["came"]


def missed(clinic_ids: Collection[int], now: datetime) -> QuerySet[Any]:
    """The visits to which people of these clinics didn't come, or said that they can't, unless they come again; the
    oldest first, with the patients. Who was transferred since missed it at another clinic.

    People who died or left are left out. A day is over in the westernmost zone before it is asked about.
    """
    today = now.astimezone(UTC).date()
    not_there = Q(state=_State.MISSED) | Q(state=_State.CANCELLED, decided_side=Visit.Side.PATIENT)
    return (
        Visit.objects.filter(
            not_there,
            is_here("patient"),
            day__gte=today - MISSED_WITHIN,
            day__lte=today,
            patient__clinic_id__in=clinic_ids,
        )
        .exclude(comes_again())
        .select_related("patient")
        .order_by("day", "id")
    )


def comes_again() -> Exists:
    """Whether a visit that was missed is made good: by one of any kind to which they came since, or by a planned one
    that is of its kind or within `INSTEAD_WITHIN`. For a query of visits.

    A vaccination in three months brings nobody the medicine that they didn't collect today.
    """
    soon = ExpressionWrapper(OuterRef("day") + INSTEAD_WITHIN, output_field=DateField())
    instead = Q(kind=OuterRef("kind")) | Q(day__lte=soon)
    others = Visit.objects.filter(
        Q(state=_State.ATTENDED) | Q(instead, state=_State.PLANNED),
        patient_id=OuterRef("patient_id"),
        day__gte=OuterRef("day"),
    )
    return Exists(others.exclude(pk=OuterRef("pk")))


def clubs_missed(clinic_ids: Collection[int], now: datetime) -> QuerySet[Attendance]:
    """The places at events, of any clinic, to which patients of these clinics didn't come, and neither to a visit or
    event since; with the events and the patients.

    People who died or left are left out.
    """
    later = Visit.objects.filter(
        patient_id=OuterRef("patient_id"),
        day__gte=OuterRef("event__starts_at__date"),
        state__in=[_State.PLANNED, _State.ATTENDED],
    )
    later_event = Attendance.objects.filter(
        patient_id=OuterRef("patient_id"),
        event__starts_at__gt=OuterRef("event__starts_at"),
        event__state__in=[ClinicEvent.State.PLANNED, ClinicEvent.State.COMPLETED],
        state__in=[Attendance.State.JOINED, Attendance.State.ATTENDED],
    )
    rows = Attendance.objects.filter(
        is_here("patient"),
        event__starts_at__gte=now - MISSED_WITHIN,
        state=Attendance.State.NO_SHOW,
        patient__clinic_id__in=clinic_ids,
    ).exclude(Exists(later) | Exists(later_event))
    return rows.select_related("event__clinic", "patient").order_by("event__starts_at", "id")
