"""Expands schedules into dose rows, up to a rolling horizon."""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache, partial
from itertools import groupby
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, Q

from home.models import Clinic, Patient, in_care
from medications import options
from medications.models import Dose, DoseSchedule, Prescription
from medications.rules.errors import RuleError
from medications.rules.plan import Plan, lay_out
from medications.selectors.replanning import log_refused, plan_of
from medications.services.dose_insert import Alike, Owner, insert
from medications.services.dose_rows import next_due, row_of
from medications.services.stock_looks import look_again

logger = logging.getLogger(__name__)

CHUNK = 200
"""Prescriptions per transaction: some thousand rows, so that other writers don't wait long."""

_COLUMNS = (
    "rule",
    "expanded_until",
    "prescription__start_date",
    "prescription__end_date",
    "prescription__ended_at",
    "prescription__is_silent",
    "prescription__reminders_enabled",
    "prescription__patient__timezone",
    "prescription__patient__slot_times",
    "prescription__patient__deceased_on",
    "prescription__patient__left_why",
    "prescription__patient__clinic__timezone",
    "prescription__patient__clinic__slot_times",
)
"""What the doses of a schedule follow from."""

_ONE_DAY = timedelta(days=1)
_EASTERNMOST = timedelta(hours=14)
"""Of all clocks of the earth the one that is furthest ahead of UTC."""


def expand_doses(
    *, now: datetime, days: int | None = None, prescriptions: Collection[int] | None = None
) -> int:
    """Make the dose rows of these prescriptions, or of all, up to `days` local days ahead; how many were made.

    A schedule that was never expanded begins with its first dose after `now`, others where they stopped. Safe to
    repeat and to run twice at once. The number of queries grows with the chunks, not with the schedules.
    A schedule or a patient that can't be expanded is logged and left out; all others are expanded.
    """
    days = options.horizon_days() if days is None else days
    behind = _behind(now, days, prescriptions)
    made = 0
    for start in range(0, len(behind), CHUNK):
        made += _expand_chunk(behind[start : start + CHUNK], now, days)
    return made


def _behind(now: datetime, days: int, prescriptions: Collection[int] | None) -> list[int]:
    """The prescriptions, in order, of schedules that end before the last of these days at their patients. One query.

    At night, when this runs, the day begins nearly everywhere else too, and only those that are behind are read. Later
    in the day somewhere in the east has the next one already, and the rest is read as well, to be left out.
    """
    furthest = (now + _EASTERNMOST).date() + timedelta(days=days)
    schedules = DoseSchedule.objects.filter(
        Q(expanded_until__isnull=True)
        | Q(expanded_until__lt=furthest)
        & (Q(prescription__end_date__isnull=True) | Q(expanded_until__lt=F("prescription__end_date"))),
        in_care("prescription__patient"),
        prescription__ended_at__isnull=True,
        prescription__is_silent=False,
    )
    if prescriptions is not None:
        schedules = schedules.filter(prescription_id__in=prescriptions)
    rows = schedules.order_by("prescription_id").values_list(
        "prescription_id",
        "expanded_until",
        "prescription__patient__timezone",
        "prescription__patient__clinic__timezone",
    )
    last_day = lru_cache(maxsize=None)(partial(_last_day, now, days))
    found = {
        id_: None for id_, until, own, clinics in rows if until is None or until < last_day(own, clinics)
    }
    return list(found)


def _last_day(now: datetime, days: int, own: str, clinics: str) -> date:
    """So many days after today, by a patient's own zone and that of the clinic as they are stored."""
    return _today(Patient(timezone=own, clinic=Clinic(timezone=clinics)), now) + timedelta(days=days)


def _today(patient: Patient, now: datetime) -> date:
    return now.astimezone(ZoneInfo(patient.zone)).date()


def lock(prescriptions: Iterable[int]) -> None:
    """Lock the prescriptions, so that only one process at a time makes or replaces their doses."""
    rows = Prescription.objects.select_for_update().filter(id__in=prescriptions).order_by("id")
    list(rows.values_list("id", flat=True))


def _expand_chunk(prescription_ids: Sequence[int], now: datetime, days: int) -> int:
    with transaction.atomic():
        lock(prescription_ids)
        schedules = (
            DoseSchedule.objects.filter(
                prescription_id__in=prescription_ids, prescription__ended_at__isnull=True
            )
            .select_related("prescription__patient__clinic")
            .only(*_COLUMNS)
            .order_by("prescription_id", "id")
        )
        equal: dict[str, _Doses] = {}
        expanded: dict[date, list[int]] = defaultdict(list)
        unforeseen: set[int] = set()
        for prescription_id, group in groupby(schedules, key=lambda schedule: schedule.prescription_id):
            together = list(group)
            prescription = together[0].prescription
            try:
                ahead = _ahead(together, now, days)
                doses = equal.get(key := repr(ahead)) or _doses(ahead, prescription, now)
            except Exception:
                # One that can't be expanded must not take the doses of all others with it.
                logger.exception(
                    "The prescription %(prescription)s can't be expanded.", {"prescription": prescription_id}
                )
                continue
            equal[key] = doses
            if min(ahead.begins) < ahead.until:
                unforeseen.add(prescription_id)
            log_refused({together[position].pk: error for position, error in doses.refused.items()})
            for position, alike in doses.of.items():
                schedule_id = together[position].pk
                alike.owners.append(Owner(schedule_id, prescription_id, prescription.patient_id))
                expanded[ahead.until].append(schedule_id)
        made = insert([alike for doses in equal.values() for alike in doses.of.values()])
        if unforeseen:
            look_again(unforeseen)  # more than the last day is new
        for target, ids in expanded.items():
            not_yet = Q(expanded_until__isnull=True) | Q(expanded_until__lt=target)
            DoseSchedule.objects.filter(not_yet, id__any_of=set(ids)).update(expanded_until=target)
    return made


@dataclass(frozen=True, kw_only=True)
class _Ahead:
    """All that the new doses of a prescription follow from: where this is equal, so are they. Its schedules are known
    by their places in it. `begins` is the first new day of each; `fresh` are those that were never expanded.
    """

    plan: Plan
    begins: Sequence[date]
    until: date
    fresh: Sequence[int]
    reminders: bool


@dataclass(frozen=True, kw_only=True)
class _Doses:
    """The new doses of each schedule of such prescriptions, and the schedules that can't be expanded."""

    of: Mapping[int, Alike]
    refused: Mapping[int, RuleError]


def _ahead(schedules: Sequence[DoseSchedule], now: datetime, days: int) -> _Ahead:
    """From where each of the schedules of one prescription stopped to the last of these days."""
    prescription = schedules[0].prescription
    today = _today(prescription.patient, now)
    begins = [each.expanded_until + _ONE_DAY if each.expanded_until else today for each in schedules]
    until = today + timedelta(days=days)
    plan = plan_of(prescription, {place: schedule.rule for place, schedule in enumerate(schedules)})
    return _Ahead(
        plan=plan.between(min(begins), until),
        begins=begins,
        until=until,
        fresh=[place for place, each in enumerate(schedules) if each.expanded_until is None],
        reminders=prescription.reminders_enabled,
    )


def _doses(ahead: _Ahead, prescription: Prescription, now: datetime) -> _Doses:
    """By one of the prescriptions of which this is true."""
    layout = lay_out(ahead.plan, begins=min(ahead.begins), until=dict.fromkeys(ahead.plan.rules, ahead.until))
    rows: dict[int, list[Dose]] = {place: [] for place in layout.until}
    for planned in layout.planned:
        place = planned.schedule
        if planned.day >= ahead.begins[place] and (place not in ahead.fresh or planned.due_at > now):
            rows[place].append(row_of(prescription, planned, next_due(layout.moments, planned.due_at)))
    return _Doses(of={place: Alike.of(doses) for place, doses in rows.items()}, refused=layout.refused)
