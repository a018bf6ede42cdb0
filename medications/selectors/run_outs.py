"""Reads: whose tablets are at an end."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Max

from home.record.next_visits import NextVisit, next_visits
from home.selectors import patients_here
from medications.models import Prescription, StockMovement
from medications.selectors.shortages import CHUNK, may_run_low_at
from medications.selectors.supply import Supply, supply_of


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
    emptied = _emptied([id_ for id_, supply in low.items() if not supply.quantity])
    rows = Prescription.objects.filter(pk__in=low).select_related("patient__clinic")
    return [(each.patient_id, _end(each, low[each.pk], emptied.get(each.pk), now)) for each in rows]


def _end(prescription: Prescription, supply: Supply, emptied: datetime | None, now: datetime) -> RunOut:
    zone = ZoneInfo(prescription.patient.zone)
    today = now.astimezone(zone).date()
    if not supply.quantity:
        return RunOut(emptied.astimezone(zone).date() if emptied else today, True, today, None)
    day = supply.run_out_at.astimezone(zone).date() if supply.run_out_at else today
    return RunOut(max(day, today), False, today, None)


def _emptied(prescription_ids: Collection[int]) -> dict[int, datetime]:
    """When something was last taken from each. One query."""
    rows = StockMovement.objects.filter(batch__prescription__in=prescription_ids, quantity__lt=0)
    return dict(rows.values_list("batch__prescription_id").annotate(last=Max("at")).order_by())


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
