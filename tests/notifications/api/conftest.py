"""Programs that call: each in the name of somebody, with their token."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from knox.models import AuthToken

from home.models import Relation, StaffRole, User
from notifications.models import Notification
from tests.factories import CareRoleFactory, ClinicFactory, PatientFactory, StaffRoleFactory, UserFactory


@pytest.fixture(autouse=True)
def _nobody_counted() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@dataclass
class Program:
    """What calls, with the token of `user`, or nobody's."""

    user: Any = None
    token: str = ""

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        """`body` is sent as JSON; a text or bytes as they are."""
        raw = body if isinstance(body, str | bytes) else json.dumps(body)
        if self.token:
            headers = {"Authorization": f"Token {self.token}", **headers}
        return Client().generic(
            method,
            path,
            b"" if body is None else raw,
            content_type=headers.pop("Content-Type", "application/json"),
            headers=headers,
        )

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.call("POST", path, body, **headers)

    def patch(self, path: str, body: Any) -> HttpResponse:
        return self.call("PATCH", path, body)

    def put(self, path: str, body: Any) -> HttpResponse:
        return self.call("PUT", path, body)

    def delete(self, path: str) -> HttpResponse:
        return self.call("DELETE", path)

    def schedule(self, *people: Any, **changes: Any) -> HttpResponse:
        """A message for tomorrow, for these people."""
        key = {"Idempotency-Key": changes.pop("key")} if "key" in changes else {}
        body = {
            "recipients": [person.pk for person in people],
            "title": "Bring your card",
            "message": "We meet at ten.",
            "scheduled_at": (timezone.now() + timedelta(days=1)).isoformat(),
            **changes,
        }
        return self.post("/api/notifications/schedule/", body, **key)

    def scheduled(self, *people: Any, **changes: Any) -> int:
        """The id of the first of them."""
        answer = self.schedule(*people, **changes)
        assert answer.status_code == 201, answer.content
        id_: int = answer.json()["notification_ids"][0]
        return id_


def program_of(user: Any) -> Program:
    _row, token = AuthToken.objects.create(user=user)
    return Program(user, token)


@pytest.fixture
def stranger(db: None) -> Program:
    """Shows no token."""
    return Program()


@pytest.fixture
def thandi(db: None) -> Program:
    """A patient of Hillbrow."""
    user = UserFactory(email="thandi@example.org")
    _patient_of("Hillbrow", user)
    return program_of(user)


@pytest.fixture
def pieter(db: None) -> Program:
    """A patient of Khayelitsha."""
    user = UserFactory(email="pieter@example.org", first_name="Pieter")
    _patient_of("Khayelitsha", user)
    return program_of(user)


@pytest.fixture
def nurse(db: None) -> Program:
    """Of Hillbrow: Thandi's, not Pieter's."""
    user = UserFactory(email="sister@example.org", first_name="Sister")
    StaffRoleFactory(clinic=_clinic("Hillbrow"), user=user, role=StaffRole.Role.MANAGER)
    return program_of(User.objects.get(pk=user.pk))


@pytest.fixture
def head_office(db: None) -> Program:
    return program_of(UserFactory(email="head@example.org", is_superuser=True))


def failed(message_id: int) -> None:
    Notification.objects.filter(pk=message_id).update(
        scheduled_status=Notification.Status.FAILED, failures=1, error="It broke."
    )


def arrived(message_id: int) -> None:
    Notification.objects.filter(pk=message_id).update(
        scheduled_status=Notification.Status.SENT, sent_at=timezone.now()
    )


def _clinic(name: str) -> Any:
    return ClinicFactory._meta.model.objects.filter(name=name).first() or ClinicFactory(name=name)


def _patient_of(clinic: str, user: Any) -> None:
    patient = PatientFactory(clinic=_clinic(clinic), first_name=user.first_name)
    CareRoleFactory(patient=patient, user=user, relation=Relation.SELF)
