"""Reads: the doses of a patient's local day."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from home.models import User
from home.selectors import patients_of
from medications.models import OPEN_STATES, Dose, DoseAnswer, StockBatch, StockMovement
from medications.rules.wall_time import instant
from medications.selectors.people import Person

LOOKS_BACK = timedelta(hours=24)
"""How long after its due time an unanswered dose can still be answered on this page."""

ANSWERED_DAYS = 7
"""How many local days before today can be answered and corrected."""

_ONE_DAY = timedelta(days=1)


def doses_of_day(person: Person, *, now: datetime) -> list[Dose]:
    """The doses of the patient's local day, and before them those of the last 24 hours that are still to be
    answered or were answered today. One query.
    """
    today = person.today(now)
    begins = instant(today, time.min, person.zone)
    ends = instant(today + _ONE_DAY, time.min, person.zone)
    earlier = Q(due_at__lt=begins, kind=Dose.Kind.PLANNED) & (
        Q(state__in=OPEN_STATES) | Q(answered_at__gte=begins)
    )
    window = Q(due_at__gte=min(begins, now - LOOKS_BACK), due_at__lt=ends)
    doses = _shown().filter(window, Q(due_at__gte=begins) | earlier, patient_id=person.patient.pk)
    return list(doses.order_by("due_at", "id"))


def doses_of_past_day(person: Person, *, day: date) -> list[Dose]:
    """The doses of a local day that is over. One query."""
    begins = instant(day, time.min, person.zone)
    ends = instant(day + _ONE_DAY, time.min, person.zone)
    doses = _shown().filter(due_at__gte=begins, due_at__lt=ends, patient_id=person.patient.pk)
    return list(doses.order_by("due_at", "id"))


def open_days(person: Person, *, now: datetime) -> dict[date, int]:
    """How many doses of each of the last seven local days nobody has answered, the latest day first, without those
    that today's page asks for. One query.
    """
    today = person.today(now)
    waiting = _shown().filter(
        due_at__gte=instant(today - _ONE_DAY * ANSWERED_DAYS, time.min, person.zone),
        due_at__lt=min(now - LOOKS_BACK, instant(today, time.min, person.zone)),
        state__in=OPEN_STATES,
        patient_id=person.patient.pk,
    )
    days = Counter(
        due_at.astimezone(person.zone).date() for due_at in waiting.values_list("due_at", flat=True)
    )
    return dict(sorted(days.items(), reverse=True))


def answers_of(dose: Dose) -> list[DoseAnswer]:
    """All that was answered to this dose, the latest first. One query."""
    return list(dose.answers.select_related("by").order_by("-id"))


def unanswered_counts(people: Iterable[Person], *, now: datetime) -> dict[int, int]:
    """How many doses of each patient wait for an answer now; patients without any are left out. One query."""
    ids = [person.patient.pk for person in people]
    waiting = Dose.objects.filter(
        patient_id__in=ids, due_at__lte=now, due_at__gt=now - LOOKS_BACK, state__in=OPEN_STATES
    )
    rows = waiting.filter(prescription__ended_at__isnull=True).values_list("patient_id")
    return dict(rows.annotate(waiting=Count("id")).order_by())


def whom_to_show(people: Sequence[Person], *, now: datetime) -> Person:
    """The first of these people with a dose to answer, else the first with doses around now. One query."""
    around = Dose.objects.filter(
        patient_id__in=[person.patient.pk for person in people],
        due_at__gt=now - LOOKS_BACK,
        due_at__lt=now + LOOKS_BACK,
        prescription__ended_at__isnull=True,
    )
    waits = Count("id", filter=Q(due_at__lte=now, state__in=OPEN_STATES))
    waiting = dict(around.values_list("patient_id").annotate(waits=waits).order_by())
    busy = [person for person in people if person.patient.pk in waiting]
    return next((person for person in busy if waiting[person.patient.pk]), (busy or people)[0])


def dose_of(user: User, dose_id: int) -> Dose | None:
    """The dose, if the reader cares for its patient, else None. One query."""
    theirs = _shown().filter(patient__in=patients_of(user).order_by().values("pk"))
    return theirs.select_related("patient__clinic").filter(pk=dose_id).first()


def _shown() -> QuerySet[Dose]:
    """Doses with the values of their cards. `is_short`: it was taken although the counted stock was too small, and
    no refill or count has settled that.

    The open doses of a stopped prescription are left out, and doses that were recorded and taken back.
    """
    owed = StockMovement.objects.filter(dose=OuterRef("pk"), batch__isnull=True).order_by()
    short = owed.values("dose").annotate(owed=Sum("quantity")).filter(owed__lt=0)
    counted = StockBatch.objects.filter(prescription=OuterRef("prescription_id"))
    return (
        Dose.objects.exclude(prescription__ended_at__isnull=False, state__in=OPEN_STATES)
        .exclude(state=Dose.State.WITHDRAWN)
        .select_related("prescription__medicine", "answered_by")
        .annotate(is_short=Q(state=Dose.State.TAKEN) & Exists(short) & Exists(counted))
    )
