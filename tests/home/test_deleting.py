"""What a delete in the admin would take along is said, and refused: it is never history that goes."""

from decimal import Decimal

import pytest
from django.db.models import ProtectedError
from django.test import Client

from home.models import Clinic, Patient, StaffRole, User
from medications.models import Prescription, VaccinationRecord
from medications.services.stock import stock_receive
from tests.factories import UserFactory
from tests.home.conftest import Cast
from tests.medications.factories import (
    NOW,
    TODAY,
    DoseFactory,
    MedicineFactory,
    PrescriptionFactory,
    VaccinationRecordFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(client: Client, cast: Cast) -> Client:
    client.force_login(cast.head_office)
    return client


def test_a_patient_is_erased_instead(boss: Client, cast: Cast) -> None:
    path = f"/admin/patients/delete/{cast.pieter.pk}/"
    for answer in (boss.get(path), boss.post(path)):
        assert answer["Location"] == f"/admin/erasures/new/?patient={cast.pieter.pk}"
    page = boss.get(f"/admin/erasures/new/?patient={cast.pieter.pk}").content.decode()
    assert "not deleted but erased" in page
    assert Patient.objects.filter(pk=cast.pieter.pk).exists()


@pytest.mark.parametrize("make", [PrescriptionFactory, VaccinationRecordFactory])
def test_nor_does_code_delete_one_with_treatment(cast: Cast, make: type) -> None:
    make(patient=cast.pieter)
    with pytest.raises(ProtectedError):
        cast.pieter.delete()


def test_a_prescription_with_doses_stays(boss: Client, cast: Cast) -> None:
    dose = DoseFactory(schedule__prescription__patient=cast.pieter)
    path = f"/admin/prescriptions/delete/{dose.prescription_id}/"
    for answer in (boss.get(path, follow=True), boss.post(path, follow=True)):
        page = answer.content.decode()
        assert "would go too" in page
        assert "Doses: 1" in page
    assert Prescription.objects.filter(pk=dose.prescription_id).exists()


def test_one_that_was_a_slip_goes_with_its_schedule(boss: Client, cast: Cast) -> None:
    prescription = PrescriptionFactory(patient=cast.pieter)
    prescription.schedules.create(
        rule={"kind": "as_needed", "quantity": "1", "min_hours": 4, "max_per_day": 4}
    )
    path = f"/admin/prescriptions/delete/{prescription.pk}/"
    assert boss.get(path).status_code == 200
    assert boss.post(path).status_code == 302
    assert not Prescription.objects.exists()


def test_a_clinic_with_stock_or_staff_stays(boss: Client, cast: Cast) -> None:
    bare = Clinic.objects.create(name="Bare")
    StaffRole.objects.create(clinic=bare, user=cast.nurse, role="nurse")
    page = boss.get(f"/admin/clinics/delete/{bare.pk}/", follow=True).content.decode()
    assert "Staff roles: 1" in page
    StaffRole.objects.filter(clinic=bare).delete()
    stock_receive(
        medicine=MedicineFactory(),
        clinic=bare,
        quantity=Decimal(9),
        expiry_date=TODAY.replace(year=2027),
        now=NOW,
    )
    assert "belong to it" in boss.post(f"/admin/clinics/delete/{bare.pk}/", follow=True).content.decode()
    assert Clinic.objects.filter(pk=bare.pk).exists()


def test_a_medicine_that_is_prescribed_stays(boss: Client, cast: Cast) -> None:
    prescription = PrescriptionFactory(patient=cast.pieter)
    path = f"/admin/medicines/delete/{prescription.medicine_id}/"
    assert "belong to it" in boss.post(path, follow=True).content.decode()
    assert Prescription.objects.exists()


def test_a_vaccination_goes_with_its_reminder(boss: Client, cast: Cast) -> None:
    record = VaccinationRecordFactory(patient=cast.pieter)
    assert boss.post(f"/admin/vaccinations/delete/{record.pk}/").status_code == 302
    assert not VaccinationRecord.objects.exists()


def test_an_account_to_which_patients_belong_is_not_deleted(boss: Client, cast: Cast) -> None:
    path = f"/admin/users/delete/{cast.anna.pk}/"
    for answer in (boss.get(path, follow=True), boss.post(path, follow=True)):
        page = answer.content.decode()
        assert "Care roles: 1" in page
        assert "Turn the account off instead" in page
    assert User.objects.filter(pk=cast.anna.pk).exists()


def test_nor_are_many_at_once(boss: Client, cast: Cast) -> None:
    path = f"/admin/bulk/home/user/delete/?id={cast.anna.pk}&id={UserFactory().pk}"
    assert "Turn the account off instead" in boss.post(path, follow=True).content.decode()
    assert User.objects.filter(pk=cast.anna.pk).exists()


def test_one_to_which_nothing_belongs_is_deleted(boss: Client, cast: Cast) -> None:
    slip = UserFactory(email="slipp@example.org")
    assert boss.post(f"/admin/users/delete/{slip.pk}/").status_code == 302
    assert not User.objects.filter(pk=slip.pk).exists()
