"""An event type with texts in two languages, and the people who may or may not touch them."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from django.test import Client

from home.models import StaffRole, User
from notifications import registry
from notifications.texts import formats
from notifications.types import Category, EventType, Param, Texts
from tests.factories import ClinicFactory, StaffRoleFactory, UserFactory
from tests.notifications.admin.clinics import People, people
from tests.notifications.rules import examples

AFRIKAANS = Texts(
    title="{{ medicine }} raak op",
    body="Beste {{ name }},\n{{ medicine }} hou tot {{ until }}. U het {{ left }} oor.",
    email_subject="{{ medicine }} raak op",
    email_body="{{ medicine }} hou tot {{ until }}.",
    short_text="{{ medicine }} raak op.",
    email_subject_discreet="U het 'n herinnering",
    short_text_discreet="U het 'n herinnering van u kliniek.",
)
ENGLISH = replace(
    examples.TEXTS, body="Dear {{ name }},\n{{ medicine }} lasts until {{ until }}. You have {{ left }} left."
)


@pytest.fixture
def event_type() -> Iterator[EventType]:
    declared = examples.event_type(
        name="stock.low",
        category=Category.EVENT,
        label="Low stock",
        params=(
            Param("name", "The patient", "Thandi"),
            Param("medicine", "The medicine", "Metformin 500 mg"),
            Param("until", "The last day", "Friday"),
            Param("left", "How many are left", Decimal("2.5"), formats.number),
        ),
        texts={"en": ENGLISH, "af": AFRIKAANS},
        channels=registry.get("event.joined").channels,
    )
    yield registry.register(declared)
    registry.unregister(declared.name)


@pytest.fixture
def nurse_user(db: None) -> User:
    nurse = UserFactory(first_name="Sister", email="nurse@example.org")
    StaffRoleFactory(clinic=ClinicFactory(), user=nurse, role=StaffRole.Role.NURSE)
    return nurse


@pytest.fixture
def patient_user(db: None) -> User:
    return UserFactory(first_name="Pieter", email="pieter@example.org")


@pytest.fixture
def nurse(nurse_user: User) -> Client:
    client = Client()
    client.force_login(nurse_user)
    return client


@pytest.fixture
def head_office(db: None) -> Client:
    client = Client()
    client.force_login(UserFactory(first_name="Head", is_superuser=True))
    return client


@pytest.fixture
def wynberg(db: None) -> People:
    return people("Wynberg")


@pytest.fixture
def worcester(db: None) -> People:
    return people("Worcester")
