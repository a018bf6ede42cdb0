"""Doses of a plan as rows."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from medications import options
from medications.models import Dose, DoseAnswer, Prescription
from medications.rules import doses
from medications.rules.replanning import Planned


def row_of(
    prescription: Prescription, planned: Planned, next_due_at: datetime | None, *, is_extra: bool = False
) -> Dose:
    """The row of a planned dose, not saved."""
    dose = Dose(prescription_id=prescription.pk, patient_id=prescription.patient_id, is_extra=is_extra)
    place(dose, prescription, planned, planned.due_at, next_due_at)
    return dose


def place(
    dose: Dose,
    prescription: Prescription,
    planned: Planned,
    due_at: datetime,
    next_due_at: datetime | None,
) -> None:
    """Put an open dose at its place in the plan, due at this time. Not saved."""
    dose.schedule_id = planned.schedule
    dose.due_at = due_at
    dose.local_day = planned.day
    dose.local_time = planned.at
    dose.quantity = planned.quantity
    dose.state = Dose.State.SCHEDULED
    dose.next_reminder_at = due_at if prescription.reminders_enabled else None
    dose.remind_until = doses.remind_until(due_at, next_due_at)
    dose.missed_at = due_at + options.missed_window()


def drop(doses: QuerySet[Dose]) -> None:
    """Take open doses out of the plan. One that was ever answered, and undone, stays in the history, withdrawn."""
    answered = doses.filter(Exists(DoseAnswer.objects.filter(dose=OuterRef("pk"))))
    answered.update(state=Dose.State.WITHDRAWN, schedule=None, next_reminder_at=None)
    doses.exclude(state=Dose.State.WITHDRAWN).delete()


def next_due(moments: Sequence[datetime], after: datetime) -> datetime | None:
    """The first of these moments, which are in order, that comes later."""
    position = bisect_right(moments, after)
    return moments[position] if position < len(moments) else None
