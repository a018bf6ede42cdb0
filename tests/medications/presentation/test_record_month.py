"""Today's doses on the patient's page."""

from datetime import time, timedelta

import pytest

from medications.presentation.record_month import record_month
from medications.rules.wall_time import instant
from medications.selectors.people import Person
from tests.factories import PatientFactory
from tests.medications.factories import NOW, TODAY, DoseFactory, DoseScheduleFactory

pytestmark = pytest.mark.django_db


def test_a_dose_of_last_evening_says_so() -> None:
    person = Person(PatientFactory(), False)
    schedule = DoseScheduleFactory(prescription__patient=person.patient)
    evening = instant(TODAY, time(20), person.zone)
    for due_at in (evening - timedelta(days=1), evening):
        DoseFactory(schedule=schedule, due_at=due_at)

    found = record_month(person, [schedule.prescription], now=NOW)

    assert found is not None
    assert [line.at for line in found["today"]] == ["yesterday, 20:00", "20:00"]
