"""The lists of staff ask as often for many rows as for a few."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from home.models import Clinic
from tests.factories import PatientFactory, StaffRoleFactory
from tests.medications.factories import DoseScheduleFactory, StockBatchFactory, VaccinationRecordFactory

pytestmark = pytest.mark.django_db

MAKE: dict[str, Callable[[Clinic], object]] = {
    "patients": lambda clinic: PatientFactory(clinic=clinic),
    "staff": lambda clinic: StaffRoleFactory(clinic=clinic),
    "prescriptions": lambda clinic: DoseScheduleFactory(prescription__patient__clinic=clinic),
    "vaccinations": lambda clinic: VaccinationRecordFactory(patient__clinic=clinic),
    "clinic_stock": lambda clinic: StockBatchFactory(prescription=None, clinic=clinic),
}


@pytest.mark.parametrize("name", MAKE)
def test_a_list_joins_what_it_shows(client: Client, name: str) -> None:
    role = StaffRoleFactory(role="manager")
    client.force_login(role.user)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse(f"{name}:index")).status_code == 200
        return len(queries)

    make = MAKE[name]
    for _ in range(2):
        make(role.clinic)
    asked()  # fills the caches
    few = asked()
    for _ in range(12):
        make(role.clinic)
    assert asked() == few
