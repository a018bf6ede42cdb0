"""Reads: whose tablets are at an end."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Max, Q

from home.record.next_visits import NextVisit, next_visits
from home.selectors import patients_here
from medications.models import Prescription, StockBatch
from medications.selectors.shortages import may_run_low_at
from medications.selectors.supply import Supply, supply_of

_Batch = tuple[Decimal, date, datetime | None]
"""What is left of it, its last day, and when something was last taken from it."""

CHUNK = 1_000
"""Prescriptions looked at together."""


@dataclass(frozen=True, slots=True)
class RunOut:
    """What a patient has at home ends on a local day, or did; `visit` is when they come next, if that is too late."""

    day: date
    is_over: bool
    today: date
    visit: date | None


def who_runs_out(clinic_ids: Collection[int], *, now: datetime) -> Mapping[int, RunOut]:
    """The patients of these clinics whose supply has ended, or ends as soon as the clinic warns, and who don't come
    before. Of several medicines the first counts; one of which nothing was ever counted doesn't.

    Three queries, eight for each CHUNK of supplies that are short, and those of the calendar.
    """
    short = may_run_low_at(patients_here(clinic_ids), now=now)
    found: dict[int, RunOut] = {}
    for start in range(0, len(short), CHUNK):
        for patient_id, ends in _ends(short[start : start + CHUNK], now):
            if patient_id not in found or ends.day < found[patient_id].day:
                found[patient_id] = ends
    visits = _visits(found)
    return {
        patient_id: RunOut(ends.day, ends.is_over, ends.today, visit.day if visit else None)
        for patient_id, ends in found.items()
        if (visit := visits.get(patient_id)) is None or visit.day > max(ends.day, ends.today)
    }


def _ends(prescription_ids: Collection[int], now: datetime) -> list[tuple[int, RunOut]]:
    low = {id_: supply for id_, supply in supply_of(prescription_ids, now=now).items() if supply.low}
    batches = _batches([id_ for id_, supply in low.items() if not supply.quantity])
    rows = Prescription.objects.filter(pk__in=low).select_related("patient__clinic")
    return [(each.patient_id, _end(each, low[each.pk], batches.get(each.pk, []), now)) for each in rows]


def _end(prescription: Prescription, supply: Supply, batches: Collection[_Batch], now: datetime) -> RunOut:
    zone = ZoneInfo(prescription.patient.zone)
    today = now.astimezone(zone).date()
    if not supply.quantity:
        last = max((_last_day(each, zone) for each in batches), default=today)
        return RunOut(min(last, today), True, today, None)
    day = supply.run_out_at.astimezone(zone).date() if supply.run_out_at else today
    return RunOut(max(day, today), False, today, None)


def _last_day(batch: _Batch, zone: ZoneInfo) -> date:
    """On which something of it was there to take: until it was empty, or what is left of it expired."""
    quantity, expiry_date, emptied = batch
    if quantity or emptied is None:
        return expiry_date
    return min(emptied.astimezone(zone).date(), expiry_date)


def _batches(prescription_ids: Collection[int]) -> Mapping[int, list[_Batch]]:
    """The batches of each, with when something was last taken from them. One query."""
    taken = Max("movements__at", filter=Q(movements__quantity__lt=0))
    rows = StockBatch.objects.filter(prescription__in=prescription_ids).annotate(taken=taken).order_by()
    found: dict[int, list[_Batch]] = defaultdict(list)
    for prescription_id, *batch in rows.values_list("prescription_id", "quantity", "expiry_date", "taken"):
        found[prescription_id].append((batch[0], batch[1], batch[2]))
    return found


def _visits(found: Mapping[int, RunOut]) -> dict[int, NextVisit]:
    """The calendar is asked by day: in clinics of several zones it is today and tomorrow."""
    by_day: dict[date, list[int]] = defaultdict(list)
    for patient_id, ends in found.items():
        by_day[ends.today].append(patient_id)
    return {
        patient_id: visit
        for today, ids in by_day.items()
        for patient_id, visit in next_visits(ids, today).items()
    }
