"""What belongs to patients from another system: the same rows as in a file, by REST."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from knox.models import AuthToken

from home.models import StaffRole, User
from medications.models import Dose, Prescription, StockBatch, VaccinationRecord
from notifications.models import EventRecord
from tests.factories import PatientFactory, StaffRoleFactory
from tests.home.conftest import Cast
from tests.home.imports.conftest import work
from tests.medications.factories import MedicineFactory, VaccineFactory
from tests.notifications.api.conftest import Program

pytestmark = pytest.mark.django_db

CALL = "/api/imports/"
ROWS: dict[str, dict[str, Any]] = {
    "prescriptions": {
        "folder_number": "HIL-1",
        "medicine": "Metformin",
        "strength": "500 mg",
        "quantity": 0.5,
        "times": "08:00, 20:00",
        "days": "daily",
        "start_date": "2026-03-12",
        "instructions": "with food",
    },
    "shelf": {
        "medicine": "Metformin",
        "quantity": 280,
        "expiry_date": "2027-03-31",
        "batch_number": "M1",
    },
    "vaccinations": {
        "folder_number": "HIL-1",
        "vaccine": "mr",
        "dose_number": 1,
        "date_given": "2026-03-04",
    },
}
MADE: dict[str, Any] = {
    "prescriptions": Prescription,
    "shelf": StockBatch,
    "vaccinations": VaccinationRecord,
}


@pytest.fixture(autouse=True)
def _there(cast: Cast) -> None:
    cache.clear()
    PatientFactory(clinic=cast.clinic, first_name="Lerato", folder_number="HIL-1")
    MedicineFactory()
    VaccineFactory(code="mr")


def program(user: User) -> Program:
    return Program(user, AuthToken.objects.create(user=user)[1])


def body(cast: Cast, kind: str) -> dict[str, Any]:
    return {"kind": kind, "clinic": cast.clinic.pk, "rows": [ROWS[kind]], "carry_out": True}


@pytest.mark.parametrize("kind", sorted(ROWS))
def test_a_row_is_carried_out_and_nobody_is_written_to(cast: Cast, kind: str) -> None:
    caller = program(cast.manager)
    answer = caller.post(CALL, body(cast, kind))
    assert answer.status_code == 201, answer.content
    work()
    said = caller.get(f"{CALL}{answer.json()['id']}/").json()
    assert said["counts"] == {"done": 1}, said
    assert MADE[kind].objects.count() == 1
    assert not Dose.objects.exists()
    assert not EventRecord.objects.exists()


@pytest.mark.parametrize("kind", sorted(ROWS))
def test_only_who_may_add_it_by_hand_and_only_at_ones_own_clinics(cast: Cast, kind: str) -> None:
    assert program(cast.nurse).post(CALL, body(cast, kind)).status_code == 403
    elsewhere = StaffRoleFactory(clinic=cast.other_clinic, role=StaffRole.Role.MANAGER).user
    assert program(elsewhere).post(CALL, body(cast, kind)).status_code == 404
    someone = cast.anna
    someone.user_permissions.add(Permission.objects.get(codename="import_by_program"))
    assert program(someone).post(CALL, body(cast, kind)).status_code == 403
    assert not MADE[kind].objects.exists()
