"""What follows when a prescription is saved, changed or ended: its doses, its reminders, its messages."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from medications.models import OPEN_STATES, Dose, Prescription
from medications.rules.replanning import Start
from medications.services.dose_rows import drop
from medications.services.expansion import expand_doses
from medications.services.replanning import replace_doses
from notifications import bus


def prescription_announce(*, prescription_id: int, now: datetime) -> None:
    """Make the doses of a new prescription, and tell the people who care for the patient, once."""
    with transaction.atomic():
        expand_doses(now=now, prescriptions=[prescription_id])
        bus.publish(
            "medication.prescribed",
            {"prescription_id": prescription_id},
            dedupe_key=str(prescription_id),
            now=now,
        )


def prescription_changed(*, prescription_id: int, now: datetime, start: Start | None = None) -> None:
    """Bring the doses in line with a prescription whose dates, reminders or schedules were saved.

    Each dose keeps its identity (`medications.rules.replanning`); what was answered or missed stays as it is. Without a
    `start` the plan goes on as was decided before.
    """
    with transaction.atomic():
        if start is not None:
            _begin(prescription_id, start, now)
        replace_doses(prescriptions=[prescription_id], now=now, start=start)
        Dose.objects.filter(
            prescription_id=prescription_id, prescription__reminders_enabled=False, state__in=OPEN_STATES
        ).update(next_reminder_at=None)


def _begin(prescription_id: int, start: Start, now: datetime) -> None:
    prescription = Prescription.objects.select_related("patient__clinic").get(id=prescription_id)
    tomorrow = now.astimezone(ZoneInfo(prescription.patient.zone)).date() + timedelta(days=1)
    plan_from = tomorrow if start == Start.TOMORROW else None
    Prescription.objects.filter(id=prescription_id).update(plan_from=plan_from)


def prescription_end(*, prescription_id: int, now: datetime) -> bool:
    """Stop a prescription: no more doses and no more reminders. False when it had ended before."""
    with transaction.atomic():
        ended = Prescription.objects.filter(id=prescription_id, ended_at__isnull=True).update(ended_at=now)
        if ended:
            open_doses = Dose.objects.filter(prescription_id=prescription_id, state__in=OPEN_STATES)
            drop(open_doses.filter(due_at__gt=now))
            open_doses.update(next_reminder_at=None)
    return bool(ended)
