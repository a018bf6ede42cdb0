"""Two clinics, each with a nurse, a manager and a patient; and head office."""

from dataclasses import dataclass

from django.test import Client

from home.models import Clinic, User
from tests.factories import CareRoleFactory, ClinicFactory, PatientFactory, StaffRoleFactory, UserFactory


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@dataclass(frozen=True)
class People:
    """The people of one clinic."""

    clinic: Clinic
    nurse: User
    manager: User
    patient: User
    carer: User


def people(name: str) -> People:
    clinic = ClinicFactory(name=name)
    nurse = UserFactory(first_name="Nurse", last_name=name)
    manager = UserFactory(first_name="Manager", last_name=name)
    StaffRoleFactory(clinic=clinic, user=nurse)
    StaffRoleFactory(clinic=clinic, user=manager, role="manager")
    patient = UserFactory(first_name="Patient", last_name=name)
    carer = UserFactory(first_name="Carer", last_name=name)
    cared_for = PatientFactory(clinic=clinic)
    CareRoleFactory(patient=cared_for, user=patient)
    CareRoleFactory(patient=cared_for, user=carer, relation="carer")
    return People(clinic, nurse, manager, patient, carer)
