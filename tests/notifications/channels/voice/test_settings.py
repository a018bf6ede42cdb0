"""Turning calls on and off: by the person, by staff with their word; and nobody else's way changes."""

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from home.models import Consent
from home.privacy.consents import consents_give
from home.reach.rows import reached as roles_reached
from home.record.wishes import wishes_of, wishes_set
from notifications.models import NotificationPreferences
from notifications.selectors.people import people
from tests.factories import CareRoleFactory, StaffRoleFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("voice")]

NUMBER = "+27825550101"


@pytest.fixture
def role() -> Any:
    role = CareRoleFactory(user=UserFactory(phone=NUMBER, email=None))
    Consent.objects.filter(user=role.user, purpose="voice").delete()
    return role


def is_called(user: Any) -> bool:
    """Whether nothing keeps calls from this person: they turned them on, and agreed."""
    agreed = Consent.objects.filter(user=user, purpose="voice", withdrawn_at=None).exists()
    return agreed and "voice" not in people([user.pk])[user.pk].wishes.muted


def test_calls_are_off_for_whoever_chose_nothing(role: Any) -> None:
    assert "voice" in people([role.user_id])[role.user_id].wishes.muted
    assert people([role.user_id])[role.user_id].wishes.muted == {"voice"}


def test_a_person_turns_them_on_and_off_in_the_settings(client: Client, role: Any) -> None:
    client.force_login(role.user)
    page = client.get("/en/preferences/").content.decode()
    assert 'name="voice_enabled"' in page
    assert "My clinic may call me, and a recorded or computer voice then tells me its message." in page
    others = {"part": "ways", "email_enabled": "on", "sms_enabled": "on", "push_enabled": "on"}
    client.post("/en/preferences/", {**others, "voice_enabled": "on"})
    assert is_called(role.user)
    consent = Consent.objects.get(user=role.user, purpose="voice")
    assert consent.how == "site"
    client.post("/en/preferences/", others)
    assert not is_called(role.user)
    consent.refresh_from_db()
    assert consent.withdrawn_how == "site"


def test_calls_at_night_are_a_switch_of_their_own(client: Client, role: Any) -> None:
    client.force_login(role.user)
    assert 'name="calls_at_night"' in client.get("/en/preferences/").content.decode()
    hours = {"quiet_hours_start": "22:00", "quiet_hours_end": "06:00"}
    client.post("/en/preferences/", {"part": "quiet", **hours, "calls_at_night": "on"})
    assert people([role.user_id])[role.user_id].wishes.calls_at_night


def test_where_nobody_is_called_nothing_is_said_of_calls(client: Client, settings: Any, role: Any) -> None:
    settings.NOTIFICATION_CHANNELS = settings.NOTIFICATION_CHANNELS[:-1]
    client.force_login(role.user)
    page = client.get("/en/preferences/").content.decode()
    assert "voice" not in page and "calls_at_night" not in page


def test_staff_turn_them_on_and_off_with_the_persons_word(role: Any) -> None:
    nurse, now = StaffRoleFactory(clinic=role.patient.clinic).user, timezone.now()

    def set_by_staff(agreed: frozenset[str]) -> None:
        before = wishes_of([role.user_id])[role.user_id]
        wanted = replace(before, agreed=agreed)
        wishes_set(
            patient=role.patient, person=role.user, wanted=wanted, shown=before.digest, by=nurse, now=now
        )

    set_by_staff(frozenset({"reminders", "sms", "voice"}))
    assert is_called(role.user)
    consent = Consent.objects.get(user=role.user, purpose="voice")
    assert (consent.how, consent.witness) == ("spoken", nurse)
    set_by_staff(frozenset({"reminders", "sms"}))
    assert not is_called(role.user)
    consent.refresh_from_db()
    assert consent.withdrawn_how == "staff"
    assert not NotificationPreferences.objects.get(user=role.user).voice_enabled


def test_a_yes_on_paper_turns_them_on(role: Any) -> None:
    consents_give(user_id=role.user_id, purposes=["voice"], how="paper", language="af", now=timezone.now())
    assert is_called(role.user)
    assert "voice" in wishes_of([role.user_id])[role.user_id].agreed


def test_lists_of_staff_count_as_reached_who_is(role: Any) -> None:
    roles = type(role).objects.all()
    assert not roles_reached(roles, "voice").exists()
    consents_give(user_id=role.user_id, purposes=["voice"], how="spoken", language="en", now=timezone.now())
    assert roles_reached(roles, "voice").get() == role
    NotificationPreferences.objects.filter(user=role.user).update(voice_enabled=False)
    assert not roles_reached(roles, "voice").exists()
