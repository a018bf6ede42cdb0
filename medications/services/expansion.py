"""Expands schedules into dose rows, up to a rolling horizon."""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, Q, QuerySet

from home.models import in_care
from medications import options
from medications.models import Dose, DoseSchedule, Prescription
from medications.rules.plan import Layout, lay_out
from medications.selectors.replanning import log_refused, plan_of
from medications.services.dose_rows import next_due, row_of

logger = logging.getLogger(__name__)

CHUNK = 200
"""Prescriptions per transaction: some thousand rows, so that other writers don't wait long."""

_ONE_DAY = timedelta(days=1)


def expand_doses(
    *, now: datetime, days: int | None = None, prescriptions: Collection[int] | None = None
) -> int:
    """Make the dose rows of these prescriptions, or of all, up to `days` local days ahead; how many were made.

    A schedule that was never expanded begins with its first dose after `now`, others where they stopped. Safe to
    repeat and to run twice at once. The number of queries grows with the chunks, not with the schedules.
    A schedule or a patient that can't be expanded is logged and left out; all others are expanded.
    """
    days = options.horizon_days() if days is None else days
    behind = list(
        _behind(now, days, prescriptions)
        .order_by("prescription_id")
        .values_list("prescription_id", flat=True)
        .distinct()
    )
    made = 0
    for start in range(0, len(behind), CHUNK):
        made += _expand_chunk(behind[start : start + CHUNK], now, days)
    return made


def _behind(now: datetime, days: int, prescriptions: Collection[int] | None) -> QuerySet[DoseSchedule]:
    # Somewhere on earth it is tomorrow already; each patient's own zone is looked at later.
    furthest = now.date() + timedelta(days=days + 1)
    schedules = DoseSchedule.objects.filter(
        Q(expanded_until__isnull=True)
        | Q(expanded_until__lt=furthest)
        & (Q(prescription__end_date__isnull=True) | Q(expanded_until__lt=F("prescription__end_date"))),
        in_care("prescription__patient"),
        prescription__ended_at__isnull=True,
    )
    return schedules if prescriptions is None else schedules.filter(prescription_id__in=prescriptions)


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
            .order_by("prescription_id", "id")
        )
        rows: list[Dose] = []
        expanded: dict[date, list[int]] = defaultdict(list)
        for prescription_id, group in groupby(schedules, key=lambda schedule: schedule.prescription_id):
            together = list(group)
            try:
                patient = together[0].prescription.patient
                target = now.astimezone(ZoneInfo(patient.zone)).date() + timedelta(days=days)
                layout, made = _rows(together, target, now)
            except Exception:
                # One that can't be expanded must not take the doses of all others with it.
                logger.exception(
                    "The prescription %(prescription)s can't be expanded.", {"prescription": prescription_id}
                )
                continue
            rows += made
            expanded[target] += layout.until
        Dose.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
        for target, ids in expanded.items():
            not_yet = Q(expanded_until__isnull=True) | Q(expanded_until__lt=target)
            DoseSchedule.objects.filter(not_yet, id__in=ids).update(expanded_until=target)
    return len(rows)


def _rows(schedules: Sequence[DoseSchedule], target: date, now: datetime) -> tuple[Layout, list[Dose]]:
    """The plan and new rows of one prescription, from where each of its schedules stopped to the target."""
    prescription = schedules[0].prescription
    today = now.astimezone(ZoneInfo(prescription.patient.zone)).date()
    begin = {each.id: each.expanded_until + _ONE_DAY if each.expanded_until else today for each in schedules}
    fresh = {each.id for each in schedules if each.expanded_until is None}
    layout = lay_out(
        plan_of(prescription, {schedule.id: schedule.rule for schedule in schedules}),
        begins=min(begin.values()),
        until=dict.fromkeys(begin, target),
    )
    log_refused(layout)
    return layout, [
        row_of(prescription, planned, next_due(layout.moments, planned.due_at))
        for planned in layout.planned
        if planned.day >= begin[planned.schedule] and (planned.schedule not in fresh or planned.due_at > now)
    ]
