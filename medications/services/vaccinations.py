"""The one reminder of a vaccination that is due."""

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from medications.models import VaccinationRecord, VaccinationReminder
from medications.rules.vaccinations import reminder_at
from notifications import bus

_TYPE = "vaccination.due"


def vaccination_reminder_set(*, record_id: int, now: datetime) -> None:
    """Set, move or withdraw the reminder of a vaccination, as the record says.

    It is sent at 09:00 local time on the day before `next_due_date`, or at once if that has passed. A
    dose that was given, or a date that is over, has none. Called whenever a record is saved; safe to repeat.
    """
    with transaction.atomic():
        record = (
            VaccinationRecord.objects.select_for_update(of=("self",))
            .select_related("patient__clinic")
            .get(id=record_id)
        )
        due_on = record.next_due_date if record.date_given is None else None
        today = now.astimezone(ZoneInfo(record.patient.zone)).date()
        if due_on and due_on < today:
            due_on = None
        reminder = VaccinationReminder.objects.filter(record=record).first()
        if reminder and reminder.due_on != due_on:
            bus.withdraw(_TYPE, _key(record_id, reminder.due_on), now=now)
            reminder.delete()
        if due_on and (reminder is None or reminder.due_on != due_on):
            _publish(record, due_on, now)
            VaccinationReminder.objects.create(record=record, due_on=due_on)


def vaccination_reminders_move(*, patient_ids: Iterable[int], now: datetime) -> None:
    """Move the waiting reminders of these patients to 09:00 in their new time zone."""
    with transaction.atomic():
        reminders = VaccinationReminder.objects.filter(record__patient_id__in=list(patient_ids))
        for reminder in reminders.select_related("record__patient__clinic"):
            if bus.withdraw(_TYPE, _key(reminder.record_id, reminder.due_on), now=now):
                _publish(reminder.record, reminder.due_on, now)


def _publish(record: VaccinationRecord, due_on: date, now: datetime) -> None:
    bus.publish(
        _TYPE,
        {"vaccination_record_id": record.id, "due_on": due_on.isoformat()},
        dedupe_key=_key(record.id, due_on),
        at=reminder_at(due_on, record.patient.zone),
        now=now,
    )


def _key(record_id: int, due_on: date) -> str:
    return f"{record_id}:{due_on.isoformat()}"
