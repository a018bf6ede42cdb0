"""Staff of one clinic find nothing of another's prescriptions, vaccinations and stock."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from home.models import StaffRole, User
from medications.models import Prescription, StockBatch, VaccinationRecord
from medications.wagtail_hooks import MedicationGroup
from tests.factories import PatientFactory, StaffRoleFactory, UserFactory
from tests.medications.factories import (
    MedicineFactory,
    PrescriptionFactory,
    StockBatchFactory,
    VaccinationRecordFactory,
)

pytestmark = pytest.mark.django_db

SCOPED = {
    viewset.name: viewset
    for viewset in MedicationGroup.items
    if viewset.name not in ("medicines", "vaccines")
}
WITH_KEY = [
    (name, pattern.name)
    for name, viewset in SCOPED.items()
    for pattern in viewset.get_urlpatterns()
    if "pk" in pattern.pattern.converters
]


@pytest.fixture
def manager() -> User:
    return StaffRoleFactory(clinic__name="Hillbrow", role=StaffRole.Role.MANAGER).user


@pytest.fixture
def nurse() -> User:
    return StaffRoleFactory(clinic__name="Delft").user


def row(name: str, user: User) -> Any:
    """A row of the clinic of this person."""
    clinic = user.staff_roles.get().clinic
    patient = PatientFactory(clinic=clinic, last_name=f"of {clinic.name}")
    if name == "prescriptions":
        return PrescriptionFactory(patient=patient)
    if name == "vaccinations":
        return VaccinationRecordFactory(patient=patient)
    return StockBatchFactory(prescription=None, clinic=clinic, batch_number=f"of {clinic.name}")


def test_every_kind_of_address_is_walked() -> None:
    assert set(SCOPED) == {"prescriptions", "vaccinations", "clinic_stock"}
    assert {view for _, view in WITH_KEY} == {
        "edit",
        "delete",
        "history",
        "history_results",
        "usage",
        "stock",
        "count",
        "waste",
        "correct",
        "hand_out",
        "start",
        "stop",
        "doses",
    }


@pytest.mark.parametrize(("name", "view"), WITH_KEY)
def test_another_clinics_row_is_not_found_on_any_verb(
    client: Client, manager: User, nurse: User, name: str, view: str
) -> None:
    client.force_login(manager)
    path = SCOPED[name].get_url_name(view)
    foreign = reverse(path, args=[row(name, nurse).pk])
    for verb in (client.get, client.post, client.put, client.delete, client.head):
        assert verb(foreign).status_code == 404, verb
    own = client.get(reverse(path, args=[row(name, manager).pk]))
    # A prescription and a batch are history: they are stopped and counted, never deleted.
    assert own.status_code == (302 if view == "delete" and name != "vaccinations" else 200)
    client.force_login(UserFactory(is_superuser=True))
    assert client.get(foreign).status_code == 200


@pytest.mark.parametrize("name", SCOPED)
@pytest.mark.parametrize("query", ["", "?q=of", "?export=csv"])
def test_a_list_has_the_rows_of_ones_own_clinic_only(
    client: Client, manager: User, nurse: User, name: str, query: str
) -> None:
    row(name, nurse), row(name, manager)
    client.force_login(manager)
    for path in (f"/admin/{name}/{query}", f"/admin/{name}/results/{query}"):
        answer = client.get(path)
        content = b"".join(answer) if answer.streaming else answer.content
        assert b"of Delft" not in content
    assert b"of Hillbrow" in client.get(f"/admin/{name}/").content


def test_a_home_supply_is_not_in_the_clinics_stock(client: Client, manager: User) -> None:
    prescription = row("prescriptions", manager)
    at_home = StockBatchFactory(prescription=prescription)
    client.force_login(manager)
    assert (
        client.get(reverse(SCOPED["clinic_stock"].get_url_name("edit"), args=[at_home.pk])).status_code == 404
    )


def test_nothing_is_written_for_another_clinics_patient(client: Client, manager: User, nurse: User) -> None:
    other = PatientFactory(clinic=nurse.staff_roles.get().clinic)
    vaccine = VaccinationRecordFactory().vaccine
    client.force_login(manager)
    data = {"patient": other.pk, "vaccine": vaccine.pk, "dose_number": 1, "next_due_date": "2027-01-01"}
    assert client.post("/admin/vaccinations/new/", data).status_code == 200
    stock = {
        "clinic": other.clinic_id,
        "medicine": MedicineFactory().pk,
        "quantity": "5",
        "expiry_date": "2027-01-01",
    }
    assert client.post("/admin/clinic_stock/new/", stock).status_code == 200
    assert not VaccinationRecord.objects.filter(patient=other).exists()
    assert not StockBatch.objects.exists()
    assert not Prescription.objects.exists()


def test_a_nurse_keeps_the_clinics_stock(client: Client, nurse: User) -> None:
    client.force_login(nurse)
    clinic = nurse.staff_roles.get().clinic
    stock = {
        "clinic": clinic.pk,
        "medicine": MedicineFactory().pk,
        "quantity": "5",
        "expiry_date": "2027-01-01",
    }
    assert client.post("/admin/clinic_stock/new/", stock).status_code == 302
    batch = StockBatch.objects.get()
    assert [(each.quantity, each.kind, each.by) for each in batch.movements.all()] == [(5, "received", nurse)]
    url = reverse(SCOPED["clinic_stock"].get_url_name("edit"), args=[batch.pk])
    assert client.post(url, {**stock, "quantity": "4.5", "shown_quantity": "5.000"}).status_code == 302
    assert [each.quantity for each in batch.movements.order_by("id")] == [5, Decimal("-0.5")]


@pytest.mark.parametrize("name", ["prescriptions", "vaccinations", "clinic_stock"])
def test_a_nurse_finds_each_form(client: Client, nurse: User, name: str) -> None:
    client.force_login(nurse)
    assert client.get(f"/admin/{name}/new/").status_code == 200
