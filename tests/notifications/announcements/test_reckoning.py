"""Whom an announcement would reach, by which channels and at what cost, before anybody is told."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from home.models import Clinic, User
from notifications.announcements.reckoning import reckon
from notifications.models import ChannelChoice, Delivery, EventRecord, MessagePrice, Notification
from notifications.types import Priority, Reason
from tests.factories import CareRoleFactory, ClinicFactory, PatientFactory, StaffRoleFactory, UserFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def payload(clinic: Clinic, *audiences: str, **changes: Any) -> dict[str, Any]:
    both = {"en": "The clinic is closed", "af": "Die kliniek is gesluit"}
    said = {"title": both, "message": both, "audiences": list(audiences), "within": {"clinic": clinic.pk}}
    return said | {"announced_by": 0} | changes


def nurse(clinic: Clinic, **contact: Any) -> User:
    user = UserFactory(**contact)
    StaffRoleFactory(clinic=clinic, user=user)
    return user


def test_it_says_by_which_channels_and_what_they_cost(settings: Settings) -> None:
    settings.SMS_PROVIDERS = ["twilio"]
    MessagePrice.objects.create(provider="twilio", amount=Decimal("0.30"), valid_from=NOW.date())
    clinic = ClinicFactory()
    nurse(clinic, email="a@example.org", email_verified_at=NOW, phone=None)
    by_sms = nurse(clinic, email=None, phone="+27825550101", phone_verified_at=NOW)
    ChannelChoice.objects.create(user=by_sms, category="system", channel="sms", on=True)
    nurse(clinic, email=None, phone="+27825550102", phone_verified_at=NOW)

    found = reckon(payload(clinic, "staff"), Priority.NORMAL, now=NOW)

    by_name = {each.name: each for each in found.channels}
    assert (found.people, found.inbox_only) == (3, 1)
    assert (by_name["email"].first, by_name["sms"].first) == (1, 1)
    assert (by_name["sms"].parts, found.cost) == (1, Decimal("0.30"))
    assert found.reasons["email", Reason.NO_ADDRESS] == 1


def test_it_tells_nobody_and_asks_as_much_for_ten_as_for_two() -> None:
    clinic = ClinicFactory()
    counts = []
    for count in (2, 8):
        for _ in range(count):
            CareRoleFactory(patient=PatientFactory(clinic=clinic))
        with CaptureQueriesContext(connection) as asked:
            reckon(payload(clinic, "patients"), Priority.NORMAL, now=NOW)
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert not Notification.objects.exists()
    assert not Delivery.objects.exists()
    assert not EventRecord.objects.exists()
