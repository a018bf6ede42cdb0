"""Thandi takes medicine herself, is Lwazi's mother and cares for her father; Pieter is a stranger to her."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from home.models import Patient, Relation, User
from medications.models import Dose
from tests.factories import CareRoleFactory, ClinicFactory, PatientFactory, UserFactory
from tests.medications.factories import (
    NOW,
    DoseFactory,
    DoseScheduleFactory,
    MedicineFactory,
    PrescriptionFactory,
    times,
)


@dataclass(frozen=True)
class Family:
    thandi: User
    pieter: User
    me: Patient
    lwazi: Patient
    sipho: Patient
    stranger: Patient


@pytest.fixture(autouse=True)
def _eight_in_the_morning() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def family(db: None) -> Family:
    clinic = ClinicFactory(name="Khayelitsha")
    thandi = UserFactory(email="thandi@example.org", first_name="Thandi")
    pieter = UserFactory(email="pieter@example.org", first_name="Pieter")
    me = PatientFactory(clinic=clinic, first_name="Thandi", last_name="Nkosi", date_of_birth=date(1984, 5, 2))
    lwazi = PatientFactory(
        clinic=clinic, first_name="Lwazi", last_name="Nkosi", date_of_birth=date(2025, 9, 20)
    )
    sipho = PatientFactory(clinic=clinic, first_name="Sipho", last_name="Nkosi")
    stranger = PatientFactory(clinic=clinic)
    CareRoleFactory(user=thandi, patient=me)
    CareRoleFactory(user=thandi, patient=lwazi, relation=Relation.GUARDIAN)
    CareRoleFactory(user=thandi, patient=sipho, relation=Relation.CARER)
    CareRoleFactory(user=pieter, patient=stranger)
    return Family(thandi, pieter, me, lwazi, sipho, stranger)


@pytest.fixture
def reader(client: Client, family: Family) -> Client:
    """Thandi's browser."""
    client.force_login(family.thandi)
    return client


MakeDose = Callable[..., Dose]


@pytest.fixture
def dose(family: Family) -> MakeDose:
    """A dose of Thandi's, due now; `patient`, `name` and whatever a dose has may be given."""

    def make(
        patient: Patient | None = None, name: str = "Metformin", due_at: datetime = NOW, **fields: Any
    ) -> Dose:
        prescription = PrescriptionFactory(
            patient=patient or family.me, medicine=MedicineFactory(name_en=name, name_af=f"{name}-af")
        )
        schedule = DoseScheduleFactory(prescription=prescription, rule=times("08:00", "20:00"))
        return DoseFactory(schedule=schedule, due_at=due_at, **fields)

    return make


HTMX = {"HX-Request": "true"}


def hours(number: float) -> timedelta:
    return timedelta(hours=number)
