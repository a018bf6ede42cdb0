"""Thandi is a patient in Khayelitsha and cares for her father in Delft; Pieter is a patient in Paarl."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from events.models import ClinicEvent
from home.models import Clinic, Relation, User
from tests.events.factories import NOW, AttendanceFactory, ClinicEventFactory
from tests.factories import CareRoleFactory, ClinicFactory, PatientFactory, UserFactory

HTMX = {"HX-Request": "true"}
DAY = timedelta(days=1)
SESSION = 0 if settings.SESSION_ENGINE.endswith("cached_db") else 1
"""How many queries a session takes: with Redis none, it comes from the cache."""


@dataclass(frozen=True)
class People:
    thandi: User
    pieter: User
    khayelitsha: Clinic
    delft: Clinic
    paarl: Clinic


@pytest.fixture(autouse=True)
def _eight_in_the_morning() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def people(db: None) -> People:
    khayelitsha, delft, paarl = (ClinicFactory(name=name) for name in ("Khayelitsha", "Delft", "Paarl"))
    thandi = UserFactory(email="thandi@example.org", first_name="Thandi")
    pieter = UserFactory(email="pieter@example.org", first_name="Pieter")
    CareRoleFactory(user=thandi, patient=PatientFactory(clinic=khayelitsha))
    CareRoleFactory(user=thandi, patient=PatientFactory(clinic=delft), relation=Relation.CARER)
    CareRoleFactory(user=pieter, patient=PatientFactory(clinic=paarl))
    return People(thandi, pieter, khayelitsha, delft, paarl)


@pytest.fixture
def reader(client: Client, people: People) -> Client:
    """Thandi's browser."""
    client.force_login(people.thandi)
    return client


MakeEvent = Callable[..., ClinicEvent]


@pytest.fixture
def event(people: People) -> MakeEvent:
    """An event in Khayelitsha, on Wednesday at eight unless said; `mine`: the state of Thandi's attendance."""

    def make(title: str = "Outreach day", mine: str = "", **fields: Any) -> ClinicEvent:
        fields = {"clinic": people.khayelitsha, "title_en": title, "title_af": f"{title}-af", **fields}
        made = ClinicEventFactory(**fields)
        if mine:
            AttendanceFactory(event=made, user=people.thandi, state=mine)
        return made

    return make


def shown(reader: Client, path: str, **more: Any) -> str:
    response = reader.get(path, **more)
    assert response.status_code == 200
    return response.content.decode()
