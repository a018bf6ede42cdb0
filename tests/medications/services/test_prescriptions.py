"""A prescription's doses follow its changes, and the people who care for the patient are told once."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from medications.models import Dose, DoseSchedule, Prescription
from medications.services.prescriptions import (
    prescription_announce,
    prescription_changed,
    prescription_end,
)
from notifications.models import EventRecord
from tests.medications.factories import (
    NOW,
    TODAY,
    DoseFactory,
    DoseScheduleFactory,
    PrescriptionFactory,
    times,
)

pytestmark = pytest.mark.django_db


def prescribe(*rules: dict[str, Any]) -> Prescription:
    prescription = PrescriptionFactory(start_date=TODAY)
    for rule in rules:
        DoseScheduleFactory(prescription=prescription, rule=rule)
    prescription_announce(prescription_id=prescription.id, now=NOW)
    return prescription


def test_a_new_prescription_has_doses_at_once_and_is_published_once() -> None:
    prescription = prescribe(times("09:00"), times("21:00", end_date=f"{TODAY}"))
    assert prescription.doses.count() == 16
    prescription_announce(prescription_id=prescription.id, now=NOW)
    record = EventRecord.objects.get(event_type="medication.prescribed")
    assert record.payload == {"prescription_id": prescription.id}


@pytest.mark.parametrize(
    ("rule", "named"),
    [
        ({"kind": "hourly"}, "kind"),
        (times("25:00"), "times"),
        (times("08:00", quantity="0"), "quantity"),
        (times("08:00", colour="blue"), "colour"),
    ],
)
def test_an_impossible_rule_is_refused_by_name(rule: dict[str, Any], named: str) -> None:
    with pytest.raises(ValidationError) as refused:
        DoseSchedule(prescription=PrescriptionFactory(), rule=rule).full_clean()
    assert named in refused.value.message_dict["rule"][0]


def test_it_does_not_end_before_it_starts() -> None:
    with pytest.raises(ValidationError):
        PrescriptionFactory.build(start_date=TODAY, end_date=TODAY - timedelta(days=1)).validate_constraints()


def test_another_rule_replaces_the_doses_ahead_and_nothing_else() -> None:
    schedule = DoseScheduleFactory()
    taken = DoseFactory(schedule=schedule, due_at=NOW - timedelta(days=1), state=Dose.State.TAKEN)
    prescription_changed(prescription_id=schedule.prescription_id, now=NOW)
    schedule.rule = times("12:00", quantity="2")
    schedule.save()
    prescription_changed(prescription_id=schedule.prescription_id, now=NOW)
    doses = schedule.doses.order_by("due_at").values_list("due_at", "quantity")
    assert list(doses)[:2] == [(taken.due_at, 1), (NOW + timedelta(hours=4), 2)]
    assert len(doses) == 16


def test_the_doses_of_a_removed_schedule_stay_as_history() -> None:
    schedule = DoseScheduleFactory()
    taken = DoseFactory(schedule=schedule, due_at=NOW - timedelta(days=1), state=Dose.State.TAKEN)
    DoseFactory(schedule=schedule, due_at=NOW + timedelta(days=1))
    schedule.delete()
    prescription_changed(prescription_id=taken.prescription_id, now=NOW)
    assert list(Dose.objects.all()) == [taken]


def test_reminders_that_are_turned_off_stop_at_once() -> None:
    schedule = DoseScheduleFactory()
    DoseFactory(schedule=schedule)
    Prescription.objects.update(reminders_enabled=False)
    prescription_changed(prescription_id=schedule.prescription_id, now=NOW)
    assert Dose.objects.count() == 15
    assert not Dose.objects.filter(next_reminder_at__isnull=False).exists()


def test_an_ended_prescription_has_no_doses_and_reminders_ahead() -> None:
    prescription = prescribe(times("09:00"))
    DoseFactory(schedule=prescription.schedules.get())
    assert prescription_end(prescription_id=prescription.id, now=NOW)
    assert not prescription_end(prescription_id=prescription.id, now=NOW + timedelta(days=1))
    dose = Dose.objects.get()
    assert (dose.due_at, dose.next_reminder_at) == (NOW, None)
    prescription.refresh_from_db()
    assert prescription.ended_at == NOW
    prescription_changed(prescription_id=prescription.id, now=NOW)
    assert Dose.objects.count() == 1
