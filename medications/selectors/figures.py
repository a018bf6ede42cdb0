"""Reads: the doses and the shelves of clinics in numbers. Each in a constant number of queries.

They read the doses of every patient, so they are for the background (home/dashboard).
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import TruncDate

from home.dashboard.days import Days
from home.models import Clinic, Patient
from medications.models import Dose, StockBatch
from medications.rules import shelf
from medications.rules.stock import Batch
from medications.selectors.supply import daily_demand
from notifications.models import Delivery
from notifications.selectors.figures import THROUGH, sent_between

_WEEK = 7
"""What is taken once a week is in it, and half as many doses are read as there are."""
SUPPLY_DAYS = (0, 7, 14, 30)
"""From how many days of supply on a medicine counts in the next group: none, less than a week, two, a month, more."""
EXPIRY_DAYS = (30, 90)
ANSWERED_WITHIN = timedelta(hours=1)
"""Whoever answers so soon after a reminder answers it."""


def doses_by_day(clinics: Sequence[Clinic], days: Days) -> Mapping[tuple[int, date], Mapping[str, int]]:
    """Of the doses that were planned for each day, how many are in which state ("taken"), by the clinic of the patient
    now. One query.
    """
    rows = (
        Dose.objects.filter(
            # As a query of its own, by which the doses are found patient by patient, in the order of their index.
            patient__in=Patient.objects.filter(clinic__in=clinics).order_by().values("pk"),
            kind=Dose.Kind.PLANNED,
            due_at__gte=days.begins,
            due_at__lt=days.ends,
        )
        .exclude(state=Dose.State.WITHDRAWN)
        .annotate(day=TruncDate("due_at", tzinfo=days.zone))
        .order_by()
        .values_list("patient__clinic_id", "day", "state")
        .annotate(number=Count("pk"))
    )
    found: dict[tuple[int, date], dict[str, int]] = defaultdict(dict)
    for clinic_id, day, state, number in rows:
        found[clinic_id, day][state] = number
    return found


def answered_by_day(clinics: Sequence[Clinic], days: Days) -> Mapping[tuple[int, date], Mapping[str, int]]:
    """Of how many moments of doses people were reminded by each channel, and how many were answered within
    `ANSWERED_WITHIN` of it ("sms", "sms.answered"), by the clinic that a message belongs to. One query.

    A moment that has several doses is the first of them, as its message is.
    """
    dose = F("notification__related_object_id")
    answered_at = Dose.objects.filter(pk=OuterRef("notification__related_object_id")).values("answered_at")
    in_time = Q(answered_at__gte=F("sent_at"), answered_at__lte=F("sent_at") + ANSWERED_WITHIN)
    rows = (
        Delivery.objects.filter(
            sent_between(days.begins, days.ends, "notification"),
            scope_id__in=[clinic.pk for clinic in clinics],
            notification__event_type="medication.dose_due",
            state__in=THROUGH,
            sent_at__isnull=False,
        )
        .annotate(
            day=TruncDate("notification__sent_at", tzinfo=days.zone), answered_at=Subquery(answered_at[:1])
        )
        .order_by()
        .values_list("scope_id", "day", "channel")
        .annotate(
            reminded=Count(dose, distinct=True),
            answered=Count(dose, distinct=True, filter=in_time),
        )
    )
    found: dict[tuple[int, date], dict[str, int]] = defaultdict(dict)
    for clinic_id, day, channel, reminded, answered in rows:
        found[clinic_id, day] |= {channel: reminded, f"{channel}.answered": answered}
    return found


def shelves(clinics: Sequence[Clinic], *, now: datetime) -> Mapping[int, Mapping[str, int]]:
    """How many medicines on each clinic's shelf last how long, and how many batches expire before they are used; by
    clinic. Two queries.

    "low" is no longer than the clinic warns; "days_0" none, "days_7" less than 7 days, and so on through `SUPPLY_DAYS`,
    "longer", or "unused" where nobody is to take any; "expiring_30" within so many days, of `EXPIRY_DAYS`.
    """
    demand = daily_demand(now=now, clinics=clinics, days=_WEEK)
    batches: dict[tuple[int, int], list[Batch]] = defaultdict(list)
    rows = StockBatch.objects.filter(clinic__in=clinics)
    for clinic_id, medicine_id, quantity, expiry_date in rows.values_list(
        "clinic_id", "medicine_id", "quantity", "expiry_date"
    ):
        batches[clinic_id or 0, medicine_id].append((quantity, expiry_date))
    by_id = {clinic.pk: clinic for clinic in clinics}
    found: dict[int, Counter[str]] = {id_: Counter(low=0) for id_ in by_id}
    for (clinic_id, medicine_id), own in batches.items():
        clinic = by_id[clinic_id]
        daily = demand.get((clinic_id, medicine_id), Decimal(0))
        today = now.astimezone(ZoneInfo(clinic.zone)).date()
        days = shelf.days_of_supply(batches=own, daily_demand=daily, today=today)
        found[clinic_id][_lasts(days)] += 1
        found[clinic_id]["low"] += days is not None and days <= clinic.low_stock_days
        for within in EXPIRY_DAYS:
            unused = shelf.expiring_unused(batches=own, daily_demand=daily, today=today, within_days=within)
            found[clinic_id][f"expiring_{within}"] += len(unused)
    return found


def _lasts(days: int | None) -> str:
    if days is None:
        return "unused"
    return next((f"days_{limit}" for limit in SUPPLY_DAYS if days < max(limit, 1)), "longer")
