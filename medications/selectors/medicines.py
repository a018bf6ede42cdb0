"""Reads: a person's prescriptions, and their adherence."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Count, Prefetch, Q, QuerySet, Sum

from medications.models import Dose, DoseAnswer, Prescription, StockMovement
from medications.rules.adherence import Counts, pdc
from medications.rules.wall_time import instant
from medications.selectors.people import Person

COVERED_DAYS = 100
"""The longest period for which the proportion of days covered is shown."""

FEWEST_DAYS = 7
"""The shortest; a shorter one would be misleading."""

HISTORY = timedelta(days=14)
OVER_LIMIT_SHOWN = timedelta(days=30)

_COLLECTED = (StockMovement.Kind.RECEIVED, StockMovement.Kind.HANDED_OUT)


@dataclass(frozen=True, slots=True)
class Covered:
    """`days` of the last `of` days, today included."""

    days: int
    of: int


def prescriptions_of(person: Person, *, now: datetime) -> tuple[list[Prescription], list[Prescription]]:
    """The prescriptions that are active or start later, and those that have ended, latest first. Two queries."""
    found = (
        Prescription.objects.filter(patient_id=person.patient.pk)
        .select_related("medicine", "patient__clinic")
        .prefetch_related("schedules")
        .order_by("start_date", "id")
    )
    today = person.today(now)
    active: list[Prescription] = []
    ended: list[Prescription] = []
    for prescription in found:
        (ended if has_ended(prescription, today) else active).append(prescription)
    return active, ended[::-1]


def has_ended(prescription: Prescription, today: date) -> bool:
    return bool(prescription.ended_at or (prescription.end_date and prescription.end_date < today))


def month_counts(prescription: Prescription, *, now: datetime) -> Counts:
    """The doses of this local month so far, by final state. One query."""
    zone = ZoneInfo(prescription.patient.zone)
    begins = instant(now.astimezone(zone).date().replace(day=1), time.min, zone)
    past = _past(prescription, begins, now).filter(kind=Dose.Kind.PLANNED)
    over = past.exclude(state=Dose.State.SCHEDULED)
    rows: Iterable[tuple[str, int]] = over.values_list("state").annotate(doses=Count("id")).order_by()
    return Counts(**{str(state): number for state, number in rows})


def covered(prescription: Prescription, *, now: datetime) -> Covered | None:
    """Days with supply since the first refill, in the last COVERED_DAYS; None without a refill or a dose, or with too
    few days. Two queries.

    A refill covers as many days as its quantity meets of what fell due a day, on average over the period.
    """
    zone = ZoneInfo(prescription.patient.zone)
    today = now.astimezone(zone).date()
    refills = StockMovement.objects.filter(prescription=prescription, kind__in=_COLLECTED)
    collected = [(at.astimezone(zone).date(), units) for at, units in refills.values_list("at", "quantity")]
    if not collected:
        return None
    start = max(
        min(day for day, _ in collected), prescription.start_date, today - timedelta(days=COVERED_DAYS - 1)
    )
    of = (today - start).days + 1
    due = _past(
        prescription, instant(start, time.min, zone), instant(today + timedelta(days=1), time.min, zone)
    ).filter(kind=Dose.Kind.PLANNED)
    # SQLite sums decimals as binary fractions; the column has three places.
    total = (due.aggregate(total=Sum("quantity"))["total"] or Decimal(0)).quantize(Decimal("0.001"))
    if of < FEWEST_DAYS or not total:
        return None
    fills = [(day, int(units * of / total)) for day, units in collected]
    return Covered(days=int((pdc(fills=fills, start=start, end=today) * of).to_integral_value()), of=of)


def history_of(prescription: Prescription, *, now: datetime) -> list[Dose]:
    """The doses of the last two weeks, planned or not, the latest first. One query."""
    doses = _past(prescription, now - HISTORY, now).select_related("answered_by", "prescription__medicine")
    return list(doses.exclude(state=Dose.State.WITHDRAWN).order_by("-due_at", "-id"))


def whole_history(prescription: Prescription, *, now: datetime) -> QuerySet[Dose]:
    """All doses up to now, and those that were answered before their time, the latest first, with all that was ever
    answered to them. A query, one for the answers and one for who gave them.
    """
    answers = DoseAnswer.objects.select_related("by").order_by("id")
    doses = Dose.objects.filter(
        Q(due_at__lte=now) | Q(answered_at__isnull=False), prescription=prescription
    ).select_related("answered_by", "prescription__medicine")
    return doses.prefetch_related(Prefetch("answers", answers)).order_by("-due_at", "-id")


def over_limit_since(prescription: Prescription, *, now: datetime) -> int:
    """How many doses of the last 30 days were taken as needed although it was too early or too much. One query."""
    recent = _past(prescription, now - OVER_LIMIT_SHOWN, now + timedelta(minutes=1))
    return recent.filter(over_limit=True, state=Dose.State.TAKEN).count()


def _past(prescription: Prescription, begins: datetime, ends: datetime) -> QuerySet[Dose]:
    return Dose.objects.filter(prescription=prescription, due_at__gte=begins, due_at__lt=ends)
