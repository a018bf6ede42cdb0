"""Brings the doses of prescriptions in line with a changed plan: each dose keeps its identity."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction

from medications import options
from medications.models import Dose, DoseSchedule, Prescription
from medications.rules.replanning import Planned, Start
from medications.selectors.replanning import Change, changes
from medications.services import dose_update
from medications.services.dose_rows import drop, next_due, place, row_of
from medications.services.expansion import CHUNK, lock
from medications.services.stock_looks import look_again

_PLACED = (
    "schedule",
    "due_at",
    "local_day",
    "local_time",
    "quantity",
    "state",
    "next_reminder_at",
    "reminders_sent",
    "remind_until",
    "missed_at",
)
"""The columns that a move writes."""


@dataclass(frozen=True, kw_only=True)
class Replaced:
    """How many doses were made, and the prescriptions that can't be planned."""

    made: int
    left_out: frozenset[int]


def replace_doses(*, prescriptions: Collection[int], now: datetime, start: Start | None = None) -> Replaced:
    """Bring the doses of these prescriptions in line with their plans as they are now.

    `medications.rules.replanning` says what becomes of each dose. What was answered or missed stays as it is. Safe to
    repeat. The number of queries grows with the chunks, not with the prescriptions; one that can't be planned is logged
    and keeps its doses.
    """
    ids = sorted(prescriptions)
    made = 0
    left_out = set(ids)
    for first in range(0, len(ids), CHUNK):
        chunk = ids[first : first + CHUNK]
        with transaction.atomic():
            lock(chunk)
            found = changes(chunk, now=now, start=start, for_update=True)
            made += _carry_out(found, now)
            look_again(chunk)
        left_out.difference_update(change.prescription.pk for change in found)
    return Replaced(made=made, left_out=frozenset(left_out))


@dataclass(kw_only=True)
class _Rows:
    """What one chunk writes."""

    moved: list[Dose] = field(default_factory=list)
    leaving: list[int] = field(default_factory=list)
    removed: list[int] = field(default_factory=list)
    surplus: list[int] = field(default_factory=list)
    made: list[Dose] = field(default_factory=list)
    until: dict[date, list[int]] = field(default_factory=lambda: defaultdict(list))


def _carry_out(found: Iterable[Change], now: datetime) -> int:
    rows = _Rows()
    for change in found:
        _collect(change, rows, now)
    drop(Dose.objects.filter(id__in=rows.removed))
    # Doses that change places would be two at one time for a moment, which the constraint forbids.
    Dose.objects.filter(id__in=rows.leaving).update(schedule=None)
    dose_update.update(rows.moved, _PLACED)
    Dose.objects.filter(id__in=rows.surplus, state=Dose.State.SCHEDULED).update(
        state=Dose.State.UNANSWERED, next_reminder_at=None
    )
    Dose.objects.bulk_create(rows.made, ignore_conflicts=True, batch_size=1000)
    for until, schedules in rows.until.items():
        DoseSchedule.objects.filter(id__in=schedules).update(expanded_until=until)
    return len(rows.made)


def _collect(change: Change, rows: _Rows, now: datetime) -> None:
    prescription, moments = change.prescription, change.layout.moments
    for move in change.outcome.moves:
        dose = change.rows[move.dose.id]
        before = _columns(dose)
        place(dose, prescription, move.planned, move.due_at, next_due(moments, move.due_at))
        if move.has_passed:
            # Nobody is reminded of it any more; the next minute marks it as missed, and tells whoever asked.
            dose.state, dose.next_reminder_at, dose.missed_at = Dose.State.UNANSWERED, None, now
        # One that was reminded of as often as may be is still reminded of at its new time.
        dose.reminders_sent = min(dose.reminders_sent, options.nag_repeats())
        if _columns(dose) != before:
            rows.moved.append(dose)
        if (dose.schedule_id, dose.due_at) != before[:2]:
            rows.leaving.append(dose.pk)
    rows.removed += [dose.id for dose in change.outcome.removed]
    rows.surplus += [dose.id for dose in change.outcome.surplus]
    rows.made += _made(prescription, moments, change.outcome.created)
    rows.made += _made(prescription, moments, change.outcome.extra, is_extra=True)
    for schedule, until in change.layout.until.items():
        rows.until[until].append(schedule)


def _made(
    prescription: Prescription,
    moments: Sequence[datetime],
    planned: Iterable[Planned],
    *,
    is_extra: bool = False,
) -> list[Dose]:
    return [row_of(prescription, each, next_due(moments, each.due_at), is_extra=is_extra) for each in planned]


def _columns(dose: Dose) -> tuple[object, ...]:
    return (dose.schedule_id, *(getattr(dose, name) for name in _PLACED[1:]))
