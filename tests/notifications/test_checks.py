"""A misconfiguration is named when the site starts."""

from typing import Any

import pytest
from django.core.checks import run_checks


def ids(*, deploy: bool = False) -> set[str | None]:
    return {message.id for message in run_checks(include_deployment_checks=deploy)}


def test_the_settings_as_they_are_raise_nothing() -> None:
    assert not {id_ for id_ in ids() if str(id_).startswith("notifications.")}


@pytest.mark.parametrize(
    ("name", "value", "id_"),
    [
        ("NOTIFICATION_CHANNELS", ["notifications.channels.carrier.Pigeon"], "notifications.E001"),
        ("NOTIFICATION_CHANNELS", ["notifications.types.Message"], "notifications.E002"),
        (
            "NOTIFICATION_CHANNELS",
            ["notifications.channels.email.channel.EmailChannel"] * 2,
            "notifications.E003",
        ),
        ("NOTIFICATION_RETRY_SECONDS", [60, 10], "notifications.E004"),
        ("NOTIFICATION_RETRY_SECONDS", [-1], "notifications.E004"),
        ("RETENTION_DAYS", {"sesions": 1}, "notifications.E006"),
        ("RETENTION_DAYS", {"changes": -1}, "notifications.E006"),
    ],
)
def test_a_mistake_is_named(settings: Any, name: str, value: Any, id_: str) -> None:
    setattr(settings, name, value)
    assert id_ in ids()


def test_what_is_wrong_for_a_clinic_is_said_before_it_opens(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.HUEY = {**settings.HUEY, "immediate": True}
    trial = {f"notifications.W00{number}" for number in (1, 2, 3, 4, 6, 7)}
    assert trial <= ids(deploy=True)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.BASE_URL = "https://clinic.example.org"
    settings.DEFAULT_FROM_EMAIL = "Clinic <hello@clinic.example.org>"
    settings.SMS_PROVIDERS = ["africastalking", "twilio"]
    settings.VOICE_PROVIDERS = []
    settings.HUEY = {**settings.HUEY, "immediate": False}
    assert not trial & ids(deploy=True)


def test_a_provider_that_signs_nothing_needs_a_secret(settings: Any) -> None:
    settings.SMS_PROVIDERS = ["africastalking"]
    assert "notifications.W005" in ids()
    settings.AFRICASTALKING_WEBHOOK_SECRET = "an-unguessable-secret-of-ours"
    assert "notifications.W005" not in ids()
