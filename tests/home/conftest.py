"""The cast: two clinics that must never see each other's people."""

from dataclasses import dataclass

import pytest

from home.models import Clinic, Patient, Relation, StaffRole, User
from tests.factories import CareRoleFactory, ClinicFactory, PatientFactory, StaffRoleFactory, UserFactory


@dataclass(frozen=True)
class Cast:
    """Pieter (of clinic 1, cared for by Anna) and Zanele (of clinic 2), with the staff of both."""

    clinic: Clinic
    other_clinic: Clinic
    pieter: Patient
    zanele: Patient
    anna: User
    nurse: User
    manager: User
    other_nurse: User
    head_office: User


@pytest.fixture
def cast(db: None) -> Cast:
    clinic, other_clinic = ClinicFactory(name="Hillbrow"), ClinicFactory(name="Khayelitsha")
    pieter = PatientFactory(clinic=clinic, first_name="Pieter", last_name="Botha")
    zanele = PatientFactory(clinic=other_clinic, first_name="Zanele", last_name="Dlamini")
    anna = UserFactory(first_name="Anna", email="anna@example.org")
    CareRoleFactory(patient=pieter, user=anna, relation=Relation.CARER, alert_missed=True)
    nurse, other_nurse = UserFactory(first_name="Sister"), UserFactory(first_name="Brother")
    manager = UserFactory(first_name="Manager")
    StaffRoleFactory(clinic=clinic, user=nurse)
    StaffRoleFactory(clinic=other_clinic, user=other_nurse)
    StaffRoleFactory(clinic=clinic, user=manager, role=StaffRole.Role.MANAGER)
    head_office = UserFactory(first_name="Head", is_superuser=True)
    return Cast(clinic, other_clinic, pieter, zanele, anna, nurse, manager, other_nurse, head_office)
