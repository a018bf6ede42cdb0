"""What follows when a prescription is saved, changed or ended: its doses, its reminders, its messages."""

from datetime import datetime

from django.db import transaction

from medications.models import OPEN_STATES, Dose, Prescription
from medications.rules.replanning import Start
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


def prescription_changed(*, prescription_id: int, now: datetime, start: Start = Start.COUNTED) -> None:
    """Bring the doses in line with a prescription whose dates, reminders or schedules were saved.

    Each dose keeps its identity (`medications.rules.replanning`); what was answered or missed stays as it is.
    """
    with transaction.atomic():
        replace_doses(prescriptions=[prescription_id], now=now, start=start)
        Dose.objects.filter(
            prescription_id=prescription_id, prescription__reminders_enabled=False, state__in=OPEN_STATES
        ).update(next_reminder_at=None)


def prescription_end(*, prescription_id: int, now: datetime) -> bool:
    """Stop a prescription: no more doses and no more reminders. False when it had ended before."""
    with transaction.atomic():
        ended = Prescription.objects.filter(id=prescription_id, ended_at__isnull=True).update(ended_at=now)
        if ended:
            open_doses = Dose.objects.filter(prescription_id=prescription_id, state__in=OPEN_STATES)
            open_doses.filter(due_at__gt=now).delete()
            open_doses.update(next_reminder_at=None)
    return bool(ended)
