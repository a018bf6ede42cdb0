"""Expands schedules into dose rows, up to a rolling horizon."""

import logging
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, Q, QuerySet

from medications import options
from medications.models import OPEN_STATES, Dose, DoseSchedule, Prescription
from medications.rules import doses as rules
from medications.rules.errors import RuleError

logger = logging.getLogger(__name__)

CHUNK = 200
"""Prescriptions per transaction: some thousand rows, so that other writers don't wait long."""

_ONE_DAY = timedelta(days=1)
_DueDose = tuple[DoseSchedule, datetime, Decimal]


def expand_doses(
    *, now: datetime, days: int | None = None, prescriptions: Collection[int] | None = None
) -> int:
    """Make the dose rows of these prescriptions, or of all, up to `days` local days ahead; how many were made.

    A schedule that was never expanded begins with its first dose after `now`, others where they stopped. Safe to
    repeat and to run twice at once. The number of queries grows with the chunks, not with the schedules.
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


def replace_doses(*, prescriptions: Collection[int], now: datetime) -> int:
    """Replace the future doses of these prescriptions; how many were made.

    Only doses after `now` that nobody answered are replaced. One that was answered ahead of its time
    counts as that day's nearest new one.
    """
    ids = sorted(prescriptions)
    made = 0
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        with transaction.atomic():
            _lock(chunk)
            Dose.objects.filter(prescription_id__in=chunk, due_at__gt=now, state__in=OPEN_STATES).delete()
            DoseSchedule.objects.filter(prescription_id__in=chunk).update(expanded_until=None)
            made += expand_doses(now=now, prescriptions=chunk)
    return made


def _behind(now: datetime, days: int, prescriptions: Collection[int] | None) -> QuerySet[DoseSchedule]:
    # Somewhere on earth it is tomorrow already; each patient's own zone is looked at later.
    furthest = now.date() + timedelta(days=days + 1)
    schedules = DoseSchedule.objects.filter(
        Q(expanded_until__isnull=True)
        | Q(expanded_until__lt=furthest)
        & (Q(prescription__end_date__isnull=True) | Q(expanded_until__lt=F("prescription__end_date"))),
        prescription__ended_at__isnull=True,
        prescription__patient__deceased_on__isnull=True,
    )
    return schedules if prescriptions is None else schedules.filter(prescription_id__in=prescriptions)


def _lock(prescriptions: Iterable[int]) -> None:
    """Lock the prescriptions, so that only one process at a time makes or replaces their doses."""
    rows = Prescription.objects.select_for_update().filter(id__in=prescriptions).order_by("id")
    list(rows.values_list("id", flat=True))


def _expand_chunk(prescription_ids: Sequence[int], now: datetime, days: int) -> int:
    with transaction.atomic():
        _lock(prescription_ids)
        answered: dict[int, list[datetime]] = defaultdict(list)
        ahead = Dose.objects.filter(prescription_id__in=prescription_ids, due_at__gt=now).exclude(
            state__in=OPEN_STATES
        )
        for prescription_id, due_at in ahead.values_list("prescription_id", "due_at"):
            answered[prescription_id].append(due_at)
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
            patient = together[0].prescription.patient
            target = now.astimezone(ZoneInfo(patient.zone)).date() + timedelta(days=days)
            rows += _rows(together, target, answered[prescription_id], now)
            expanded[target] += [schedule.id for schedule in together]
        Dose.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
        for target, ids in expanded.items():
            not_yet = Q(expanded_until__isnull=True) | Q(expanded_until__lt=target)
            DoseSchedule.objects.filter(not_yet, id__in=ids).update(expanded_until=target)
    return len(rows)


def _rows(
    schedules: Sequence[DoseSchedule], target: date, answered: Iterable[datetime], now: datetime
) -> Iterator[Dose]:
    """The new rows of one prescription, from where each of its schedules stopped to the target."""
    prescription = schedules[0].prescription
    tz = ZoneInfo(prescription.patient.zone)
    due, moments = _due(schedules, target, now)
    _leave_out(due, answered, tz)
    ordered = sorted(moments)
    for schedule, due_at, quantity in due:
        position = bisect_right(ordered, due_at)
        next_due_at = ordered[position] if position < len(ordered) else None
        yield Dose(
            schedule=schedule,
            prescription_id=prescription.id,
            patient_id=prescription.patient_id,
            due_at=due_at,
            quantity=quantity,
            next_reminder_at=due_at if prescription.reminders_enabled else None,
            remind_until=rules.remind_until(due_at, next_due_at),
            missed_at=due_at + options.missed_window(),
        )


def _due(
    schedules: Sequence[DoseSchedule], target: date, now: datetime
) -> tuple[list[_DueDose], set[datetime]]:
    """The doses of one prescription that become rows, and the due times of all its doses from the earliest of them
    to the day after the target.
    """
    prescription = schedules[0].prescription
    patient = prescription.patient
    today = now.astimezone(ZoneInfo(patient.zone)).date()
    begin = {each.id: each.expanded_until + _ONE_DAY if each.expanded_until else today for each in schedules}
    earliest = min(begin.values())
    due: list[_DueDose] = []
    moments: set[datetime] = set()
    for schedule in schedules:
        try:
            rule = rules.parse(schedule.rule)
            # A day further, because the last dose needs the due time of the one after it.
            for start, end, is_new in (
                (earliest, begin[schedule.id] - _ONE_DAY, False),
                (begin[schedule.id], target, True),
                (target + _ONE_DAY, target + _ONE_DAY, False),
            ):
                found = rules.expand(
                    rule,
                    start=max(start, prescription.start_date),
                    end=min(end, prescription.end_date or end),
                    timezone=patient.zone,
                    slots=patient.slots,
                )
                moments.update(due_at for due_at, _ in found)
                if is_new:
                    due += [
                        (schedule, due_at, quantity)
                        for due_at, quantity in found
                        if schedule.expanded_until or due_at > now
                    ]
        except RuleError:
            logger.exception("The dose schedule %(schedule)s can't be expanded.", {"schedule": schedule.id})
    return due, moments


def _leave_out(due: list[_DueDose], answered: Iterable[datetime], tz: ZoneInfo) -> None:
    """Take out, for each dose answered ahead, the nearest new one of its local day."""
    for answered_at in answered:
        day = answered_at.astimezone(tz).date()
        same_day = [dose for dose in due if dose[1].astimezone(tz).date() == day]
        if same_day:
            due.remove(min(same_day, key=lambda dose: abs(dose[1] - answered_at)))
