"""A nurse at the door of her clinic, and another clinic that she must never see."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import time_machine
from django.test import Client
from wagtail.users.models import UserProfile

from events.models import EventSeries
from events.services.generation import generate
from home.models import Clinic, User
from tests.events.factories import NOW, EventSeriesFactory
from tests.factories import CareRoleFactory, ClinicFactory, PatientFactory, StaffRoleFactory, UserFactory


@dataclass(frozen=True)
class Staff:
    """The nurse, who is signed in with this client, her clinic, and another one with its nurse."""

    client: Client
    nurse: User
    clinic: Clinic
    other_clinic: Clinic
    other_nurse: User


@pytest.fixture
def staff(db: None) -> Iterator[Staff]:
    """The clock is frozen at 08:00 on Monday 23 November 2026."""
    with time_machine.travel(NOW, tick=False):
        clinic, other_clinic = ClinicFactory(name="Hillbrow"), ClinicFactory(name="Khayelitsha")
        nurse, other_nurse = UserFactory(first_name="Sister"), UserFactory(first_name="Brother")
        StaffRoleFactory(clinic=clinic, user=nurse)
        StaffRoleFactory(clinic=other_clinic, user=other_nurse)
        client = Client()
        client.force_login(nurse)
        yield Staff(client, nurse, clinic, other_clinic, other_nurse)


@pytest.fixture
def series(staff: Staff) -> EventSeries:
    """Tuesdays from ten to twelve: 24 November, 1, 8 and 15 December."""
    series = EventSeriesFactory(clinic=staff.clinic)
    generate(now=NOW)
    return series


def patient_of(clinic: Clinic, name: str = "Thandi") -> User:
    """Somebody who is a patient there and signs in."""
    user = UserFactory(first_name=name)
    CareRoleFactory(user=user, patient=PatientFactory(clinic=clinic))
    return user


def reads_in(user: User, zone: str) -> None:
    """Let the admin show this person its times in that zone: in the admin Wagtail's own profile says so."""
    UserProfile.objects.create(user=user, current_time_zone=zone)
