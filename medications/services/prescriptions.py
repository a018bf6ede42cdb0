"""Begin, change and end prescriptions; their doses follow."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from home.models import Patient, User
from medications.models import OPEN_STATES, Dose, DoseSchedule, Medicine, Prescription
from medications.services.expansion import expand_doses, replace_doses
from notifications import bus


def prescription_create(
    *,
    patient: Patient,
    medicine: Medicine,
    rules: Sequence[Mapping[str, Any]],
    start_date: date,
    now: datetime,
    end_date: date | None = None,
    instructions_en: str = "",
    instructions_af: str = "",
    prescriber: User | None = None,
    reminders_enabled: bool = True,
) -> Prescription:
    """Prescribe: one schedule for each rule, the doses from `now` on, and its people are told.

    ValidationError names what is wrong with a rule or a date; then nothing is kept.
    """
    with transaction.atomic():
        prescription = Prescription(
            patient=patient,
            medicine=medicine,
            start_date=start_date,
            end_date=end_date,
            instructions_en=instructions_en,
            instructions_af=instructions_af,
            prescriber=prescriber,
            reminders_enabled=reminders_enabled,
            created_at=now,
        )
        prescription.full_clean()
        prescription.save()
        for rule in rules:
            schedule = DoseSchedule(prescription=prescription, rule=dict(rule))
            schedule.full_clean()
            schedule.save()
        prescription_announce(prescription_id=prescription.id, now=now)
    return prescription


def prescription_announce(*, prescription_id: int, now: datetime) -> None:
    """Make the doses of a prescription that was just saved, and tell its people, once."""
    with transaction.atomic():
        expand_doses(now=now, prescriptions=[prescription_id])
        bus.publish(
            "medication.prescribed",
            {"prescription_id": prescription_id},
            dedupe_key=str(prescription_id),
            now=now,
        )


def prescription_changed(*, prescription_id: int, now: datetime) -> None:
    """Bring the doses in line with a prescription whose dates, reminders or schedules were saved.

    Future doses that nobody answered are made anew; all others stay as they are.
    """
    with transaction.atomic():
        replace_doses(prescriptions=[prescription_id], now=now)
        Dose.objects.filter(
            prescription_id=prescription_id, prescription__reminders_enabled=False, state__in=OPEN_STATES
        ).update(next_reminder_at=None)


def schedule_replace(*, schedule_id: int, rule: Mapping[str, Any], now: datetime) -> DoseSchedule:
    """Give a schedule another rule, from `now` on. ValidationError names what is wrong with it."""
    with transaction.atomic():
        schedule = DoseSchedule.objects.select_for_update().get(id=schedule_id)
        schedule.rule = dict(rule)
        schedule.full_clean()
        schedule.save(update_fields=["rule"])
        prescription_changed(prescription_id=schedule.prescription_id, now=now)
    schedule.refresh_from_db()
    return schedule


def prescription_end(*, prescription_id: int, now: datetime) -> bool:
    """Stop a prescription: no more doses and no more reminders. False when it had ended before."""
    with transaction.atomic():
        ended = Prescription.objects.filter(id=prescription_id, ended_at__isnull=True).update(ended_at=now)
        if ended:
            open_doses = Dose.objects.filter(prescription_id=prescription_id, state__in=OPEN_STATES)
            open_doses.filter(due_at__gt=now).delete()
            open_doses.update(next_reminder_at=None)
    return bool(ended)
