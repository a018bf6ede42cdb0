"""One patient whose rows can't be read keeps nobody else from being reminded, warned or missed."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from home.models import Patient
from medications.models import DoseSchedule, Medicine, VaccinationRecord
from medications.services.expansion import expand_doses
from medications.services.reminders import send_dose_reminders
from medications.services.stock_warnings import send_expiry_warnings, send_low_stock_warnings
from medications.services.vaccinations import vaccination_reminders_move
from notifications.models import EventRecord, Notification, NotificationPreferences
from notifications.pipeline.fan_out import fan_out
from tests.factories import CareRoleFactory
from tests.medications.factories import (
    NOW,
    TODAY,
    DoseScheduleFactory,
    StockBatchFactory,
    VaccinationRecordFactory,
)

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
Spoil = Callable[[Any], None]


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


def zone(role: Any) -> None:
    Patient.objects.filter(pk=role.patient_id).update(timezone="Mars/Olympus")


def rule(role: Any) -> None:
    DoseSchedule.objects.filter(prescription__patient=role.patient_id).update(rule={"kind": "hourly"})


def form(role: Any) -> None:
    Medicine.objects.filter(prescriptions__patient=role.patient_id).update(form="lozenge")


def preferences(role: Any) -> None:
    NotificationPreferences.objects.create(user=role.user, language="xx", timezone="Mars/Olympus")


@pytest.mark.parametrize("spoil", [zone, rule, form, preferences])
def test_every_job_does_the_rest(spoil: Spoil) -> None:
    roles = [CareRoleFactory(), CareRoleFactory()]
    for role in roles:
        prescription = DoseScheduleFactory(prescription__patient=role.patient).prescription
        StockBatchFactory(prescription=prescription, quantity=Decimal(9), expiry_date=TODAY + 2 * DAY)
        VaccinationRecordFactory(patient=role.patient, next_due_date=TODAY + 3 * DAY)
    expand_doses(now=NOW - DAY)
    bad, good = roles
    spoil(bad)
    expand_doses(now=NOW)
    send_low_stock_warnings(now=NOW)
    send_expiry_warnings(now=NOW)
    vaccination_reminders_move(patient_ids=[bad.patient_id, good.patient_id], now=NOW)
    send_dose_reminders(now=NOW)
    assert send_dose_reminders(now=NOW + timedelta(hours=2)).missed == 2
    while fan_out(now=NOW + 3 * DAY).records:
        pass
    assert not EventRecord.objects.filter(state=EventRecord.State.FAILED).exists()
    told = set(Notification.objects.filter(recipient=good.user).values_list("event_type", flat=True))
    assert told >= {"medication.dose_due", "medication.low_stock", "medication.expiring", "vaccination.due"}
    assert VaccinationRecord.objects.count() == 2
