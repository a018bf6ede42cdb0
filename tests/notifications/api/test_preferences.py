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


# Choices for one type of message ---------------------------------------------------------------------------


def choose(program: Program, choices: object) -> dict[str, dict[str, bool]]:
    answer = program.patch(PATH, {"choices": choices})
    assert answer.status_code == 200
    found: dict[str, dict[str, bool]] = answer.json()["choices"]
    return found


def test_a_type_has_a_choice_of_its_own_only_where_it_differs(thandi: Program) -> None:
    before = thandi.get(PATH).json()["choices"]
    assert not [about for about in before if "." in about]
    assert before["event"] == {**before["event"], "email": True, "in_app": True}
    chosen = choose(thandi, {"event.ended": {"email": False, "in_app": True}})
    assert chosen == {**before, "event.ended": {"email": False}}
    assert choose(thandi, {"event.ended": {"email": True}}) == before


def test_types_are_compared_with_their_category_whichever_stands_first(thandi: Program) -> None:
    before = choose(thandi, {"event": {"sms": False}})
    choose(thandi, {"event.ended": {"sms": True}, "event": {"sms": True}})
    # The type was given what its category has, so it follows its category.
    assert choose(thandi, {"event": {"sms": False}}) == before
    chosen = choose(thandi, {"event.ended": {"sms": True}})
    assert chosen == {**before, "event.ended": {"sms": True}}


def test_what_was_read_and_is_sent_back_changes_nothing(thandi: Program) -> None:
    read = choose(thandi, {"event": {"email": True}, "event.ended": {"email": False}})
    assert choose(thandi, read) == read
    # A type that had no choice of its own follows the category that was changed.
    read["event"]["email"] = False
    assert "event.reminder" not in choose(thandi, read)


@pytest.mark.parametrize(
    "choices",
    [
        {"event.none": {"email": True}},
        {"event.ended": {"pigeon": True}},
        {"medication.dose_due": {"in_app": False}},
    ],
)
def test_a_type_that_cannot_be_chosen_is_refused(thandi: Program, choices: object) -> None:
    assert list(thandi.patch(PATH, {"choices": choices}).json()) == ["choices"]
    assert not ChannelChoice.objects.exists()
