"""By what the patients of an announcement are chosen here: what they take, what they still are to be given."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from home.models import Patient
from notifications import audiences
from tests.factories import CareRoleFactory, ClinicFactory, PatientFactory
from tests.medications.factories import MedicineFactory, PrescriptionFactory, VaccinationRecordFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def told(patient: Patient, **chosen: Any) -> set[int]:
    return audiences.user_ids(["patients"], {"clinic": patient.clinic_id}, chosen, now=NOW)


def test_a_medicine_is_taken_while_its_prescription_runs() -> None:
    clinic, medicine = ClinicFactory(), MedicineFactory(name_en="Metformin")
    running: dict[str, Any] = {"medicine": medicine, "start_date": date(2026, 11, 1), "end_date": None}
    roles = []
    for changes in (
        {},
        {"end_date": date(2026, 11, 24)},
        {"end_date": date(2026, 11, 23)},
        {"start_date": date(2026, 11, 25)},
        {"ended_at": NOW},
        {"medicine": MedicineFactory(name_en="Amlodipine")},
    ):
        role = CareRoleFactory(patient=PatientFactory(clinic=clinic))
        PrescriptionFactory(patient=role.patient, **running | changes)
        roles.append(role)
    assert told(roles[0].patient, medicine=[str(medicine.pk)]) == {role.user_id for role in roles[:2]}
    assert audiences.secrets({"medicine": [str(medicine.pk)]}) >= {"Metformin"}
    (declared,) = [each for each in audiences.filters() if each.name == "medicine"]
    choices = dict(declared.choices({"clinic": clinic.pk}, NOW))
    assert len(choices) == 2
    assert declared.choices({"clinic": ClinicFactory().pk}, NOW) == []


def test_a_vaccination_is_outstanding_the_day_after_it_was_due() -> None:
    clinic = ClinicFactory()
    roles = []
    for due, given in ((date(2026, 11, 23), None), (date(2026, 11, 24), None), (None, date(2026, 11, 1))):
        role = CareRoleFactory(patient=PatientFactory(clinic=clinic, date_of_birth=date(1990, 1, 1)))
        VaccinationRecordFactory(patient=role.patient, next_due_date=due, date_given=given)
        roles.append(role)
    assert told(roles[0].patient, vaccination=["overdue"]) == {roles[0].user_id}
