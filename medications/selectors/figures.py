"""Reads: the doses and the shelves of clinics in numbers. Each in a constant number of queries for each zone.

They read the doses of every patient, so they are for the background (home/dashboard/counts.py).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Count, Q

from home.models import Clinic, Patient
from medications.models import Dose, StockBatch
from medications.rules import shelf
from medications.rules.stock import Batch
from medications.rules.wall_time import instant
from medications.selectors.supply import daily_demand

_ONE_DAY = timedelta(days=1)
_WEEK = 7
"""What is taken once a week is in it, and half as many doses are read as there are."""


@dataclass(frozen=True, slots=True)
class Answered:
    """Of the doses that were due, how many were taken."""

    taken: int
    due: int


def taken_yesterday(clinics: Sequence[Clinic], *, now: datetime) -> Mapping[int, Answered]:
    """Of the planned doses of yesterday, by each clinic's day; by clinic. One query for each zone."""
    by_zone: dict[str, list[Clinic]] = defaultdict(list)
    for clinic in clinics:
        by_zone[clinic.zone].append(clinic)
    found = {clinic.pk: Answered(0, 0) for clinic in clinics}
    for name, there in by_zone.items():
        zone = ZoneInfo(name)
        today = now.astimezone(zone).date()
        doses = Dose.objects.filter(
            patient__in=Patient.objects.filter(clinic__in=there).order_by().values("pk"),
            kind=Dose.Kind.PLANNED,
            due_at__gte=instant(today - _ONE_DAY, time.min, zone),
            due_at__lt=instant(today, time.min, zone),
        ).exclude(state=Dose.State.WITHDRAWN)
        rows = doses.order_by().values_list("patient__clinic_id")
        for clinic_id, taken, due in rows.annotate(
            taken=Count("id", filter=Q(state=Dose.State.TAKEN)), due=Count("id")
        ):
            found[clinic_id] = Answered(taken, due)
    return found


def low_on_shelf(clinics: Sequence[Clinic], *, now: datetime) -> Mapping[int, int]:
    """How many medicines on each clinic's shelf last no longer than it warns; by clinic. Two queries."""
    demand = daily_demand(now=now, clinics=clinics, days=_WEEK)
    shelves: dict[tuple[int, int], list[Batch]] = defaultdict(list)
    rows = StockBatch.objects.filter(clinic__in=clinics)
    for clinic_id, medicine_id, quantity, expiry_date in rows.values_list(
        "clinic_id", "medicine_id", "quantity", "expiry_date"
    ):
        shelves[clinic_id or 0, medicine_id].append((quantity, expiry_date))
    by_id = {clinic.pk: clinic for clinic in clinics}
    low = dict.fromkeys(by_id, 0)
    for (clinic_id, medicine_id), batches in shelves.items():
        clinic = by_id[clinic_id]
        days = shelf.days_of_supply(
            batches=batches,
            daily_demand=demand.get((clinic_id, medicine_id), Decimal(0)),
            today=now.astimezone(ZoneInfo(clinic.zone)).date(),
        )
        low[clinic_id] += days is not None and days <= clinic.low_stock_days
    return low
