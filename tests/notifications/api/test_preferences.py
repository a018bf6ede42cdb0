"""Preferences, changed by a program."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from home.models import User
from notifications.models import ChannelChoice, NotificationPreferences
from tests.notifications.api.conftest import Program

PATH = "/api/notification-preferences/"


@pytest.mark.parametrize("verb", ["PUT", "PATCH"])
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email_notifications_enabled", "yes"),
        ("sms_notifications_enabled", 1),
        ("push_notifications_enabled", None),
        ("whatsapp_notifications_enabled", "on"),
        ("voice_notifications_enabled", 0),
        ("email_time_preference", "noon"),
        ("email_time_preference", ["morning"]),
        ("quiet_hours_enabled", "true"),
        ("quiet_hours_start", "22:00:00"),
        ("quiet_hours_start", 22),
        ("quiet_hours_end", "24:00"),
        ("quiet_hours_end", None),
        ("language", "fr"),
        ("language", {}),
        ("timezone", "Africa/Atlantis"),
        ("timezone", "localtime"),
        ("timezone", "Factory"),
        ("timezone", "posixrules"),
        ("timezone", "US/Pacific-New"),
        ("timezone", "posix/Europe/London"),
        ("timezone", ""),
        ("timezone", "x" * 65),
        ("paused_until", "2020-01-01"),
        ("paused_until", "9999-12-31"),
        ("paused_until", "tomorrow"),
        ("paused_until", "12/03/2027"),
        ("paused_until", 20261224),
        ("paused_until", ""),
        ("message_detail", "secret"),
        ("choices", []),
        ("choices", None),
        ("choices", {"stock": True}),
        ("choices", {"stock": {"email": "no"}}),
        ("choices", {"weather": {"email": True}}),
        ("choices", {"weather": {}}),
        ("choices", {"stock": {"pigeon": True}}),
        ("choices", {"stock": {"in_app": False}}),
        ("user", 1),
    ],
)
def test_what_is_no_preference_is_named_and_nothing_is_changed(
    thandi: Program, verb: str, field: str, value: object
) -> None:
    before = thandi.get(PATH).json()
    other = {"message_detail": "detailed"} if field != "message_detail" else {"language": "af"}
    answer = thandi.call(verb, PATH, {**other, "choices": {"system": {"email": False}}, field: value})
    assert (answer.status_code, list(answer.json())) == (400, [field])
    assert thandi.get(PATH).json() == before


def test_quiet_hours_that_never_end_are_named(thandi: Program) -> None:
    hours = {"quiet_hours_enabled": True, "quiet_hours_start": "06:00", "quiet_hours_end": "06:00"}
    assert list(thandi.patch(PATH, hours).json()) == ["quiet_hours_end"]


def test_the_models_own_names_are_told_as_ours(thandi: Program) -> None:
    answer = thandi.patch(PATH, {"email_enabled": False})
    assert answer.json() == {"email_enabled": ["There is no such field."]}


@pytest.mark.parametrize("verb", ["PUT", "PATCH"])
def test_what_is_not_given_stays(thandi: Program, verb: str) -> None:
    thandi.patch(PATH, {"message_detail": "detailed", "choices": {"system": {"email": False}}})
    before = thandi.get(PATH).json()
    after = thandi.call(verb, PATH, {"choices": {"system": {"in_app": False}}}).json()
    assert after["choices"].pop("system") == {**before["choices"].pop("system"), "in_app": False}
    assert after == before


def test_looking_writes_nothing(thandi: Program) -> None:
    thandi.get(PATH)
    assert NotificationPreferences.objects.count() == ChannelChoice.objects.count() == 0


def test_one_persons_are_not_anothers(thandi: Program, pieter: Program) -> None:
    thandi.patch(PATH, {"language": "af"})
    assert pieter.get(PATH).json()["language"] == "en"


def test_a_pause_begins_and_ends(thandi: Program) -> None:
    until = f"{timezone.localdate() + timedelta(days=3)}"
    assert thandi.patch(PATH, {"paused_until": until}).json()["paused_until"] == until
    assert thandi.get(PATH).json()["paused_until"] == until
    assert thandi.patch(PATH, {"paused_until": None}).json()["paused_until"] is None


def test_a_pause_that_is_over_is_no_mistake_of_another_change(thandi: Program) -> None:
    NotificationPreferences.objects.update_or_create(
        user=User.objects.get(email__startswith="thandi"), defaults={"paused_until": date(2020, 1, 1)}
    )
    assert thandi.patch(PATH, {"message_detail": "detailed"}).status_code == 200
