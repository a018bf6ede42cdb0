"""For whom staff may set how they are reached, and the page on which they do."""

from datetime import UTC, datetime, time
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation
from wagtail.models import ModelLogEntry

from home.models import AccessRecord, Consent, Relation, User
from home.privacy.consents import consents_withdraw
from home.record.wishes import changes_of, settable_people, wishes_of
from notifications.models import Notification, NotificationPreferences
from notifications.preferences.settings import preferences_update
from tests.factories import CareRoleFactory, UserFactory
from tests.home.conftest import Cast

NUMBER = "+27825550142"
NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def pieter(cast: Cast) -> User:
    user = UserFactory(first_name="Pieter", last_name="Botha", email=None, phone=NUMBER)
    CareRoleFactory(patient=cast.pieter, user=user)
    return user


def test_only_for_the_patient_and_for_whoever_cares_for_nobody_elsewhere(cast: Cast, pieter: User) -> None:
    def who(staff: User) -> set[int]:
        return {role.user_id for role in settable_people(cast.pieter, staff)}

    assert who(cast.nurse) == {pieter.pk, cast.anna.pk}
    for user in (pieter, cast.anna):
        CareRoleFactory(patient=cast.zanele, user=user, relation=Relation.CARER)
    assert who(cast.nurse) == {pieter.pk}
    assert who(cast.head_office) == {pieter.pk, cast.anna.pk}


# The page -------------------------------------------------------------------------------------------------


def asked(user: User, **fields: Any) -> dict[str, Any]:
    """What the nurse sends, who changes nothing unless it is said, from a page that shows what is."""
    values = {
        "shown": wishes_of([user.pk])[user.pk].digest,
        "language": "en",
        "detail": "discreet",
        "agreed": ["reminders", "sms"],
        "quiet_hours_start": "22:00",
        "quiet_hours_end": "06:00",
        "said": "on",
        **fields,
    }
    return {"person": user.pk, **{f"p{user.pk}-{name}": value for name, value in values.items() if value}}


@pytest.fixture
def nurse(cast: Cast, client: Client) -> Client:
    client.force_login(cast.nurse)
    return client


def url(cast: Cast) -> str:
    return f"/admin/patients/{cast.pieter.pk}/wishes/"


def test_the_page_shows_each_person_and_is_in_the_access_log(cast: Cast, pieter: User, nurse: Client) -> None:
    CareRoleFactory(patient=cast.zanele, user=cast.anna, relation=Relation.CARER)
    page = nurse.get(url(cast)).content.decode()
    assert "082 555 0142" in page and "the only way, so reminders come by it" in page
    assert f'name="p{pieter.pk}-language"' in page
    assert f'name="p{cast.anna.pk}-language"' not in page
    assert "This person also cares for somebody at another clinic." in page
    assert AccessRecord.objects.get(patient=cast.pieter).page == "patient_wishes"


def test_what_was_said_is_set_kept_and_told(cast: Cast, pieter: User, nurse: Client, client: Client) -> None:
    Consent.objects.filter(user=pieter).delete()
    answer = nurse.post(
        url(cast),
        asked(pieter, language="af", detail="detailed", quiet_hours_enabled="on", quiet_hours_start="21.30"),
    )
    assert answer.status_code == 302
    row = NotificationPreferences.objects.get(user=pieter)
    assert (row.language, row.detail, row.quiet_hours_start) == ("af", "detailed", time(21, 30))
    consents = Consent.objects.filter(user=pieter, withdrawn_at__isnull=True)
    assert {(each.purpose, each.how, each.witness, each.language) for each in consents} == {
        (purpose, Consent.How.SPOKEN, cast.nurse, "af") for purpose in ("reminders", "sms")
    }
    entry = ModelLogEntry.objects.get(action="home.wishes")
    assert (entry.user, entry.object_id) == (cast.nurse, str(cast.pieter.pk))
    with translation.override("en"):
        [change] = changes_of(pieter.pk)
    assert change.words == [
        "Language: English → Afrikaans",
        "What others may read: discreet → detailed",
        "Quiet hours: none → 21:30–06:00",
        "Reminders of treatment: no → yes",
        "SMS: no → yes",
    ]
    assert Notification.objects.get(recipient=pieter).in_inbox
    client.force_login(pieter)
    page = client.get("/en/preferences/").content.decode()
    assert "Language: English → Afrikaans" in page and "Sister Nkosi" in page


def test_what_they_no_longer_want_ends(cast: Cast, pieter: User, nurse: Client) -> None:
    nurse.post(url(cast), asked(pieter, agreed=["reminders"]))
    ended = Consent.objects.get(user=pieter, purpose="sms")
    assert (ended.withdrawn_how, ended.withdrawn_by) == (Consent.Ended.STAFF, cast.nurse)
    assert not NotificationPreferences.objects.get(user=pieter).sms_enabled
    nurse.post(url(cast), asked(pieter))
    standing = Consent.objects.get(user=pieter, purpose="sms", withdrawn_at__isnull=True)
    assert (standing.how, standing.witness) == (Consent.How.SPOKEN, cast.nurse)
    assert NotificationPreferences.objects.get(user=pieter).sms_enabled


def test_a_page_of_before_a_stop_does_not_undo_it(cast: Cast, pieter: User, nurse: Client) -> None:
    stale = asked(pieter, language="af")
    consents_withdraw(user_id=pieter.pk, purposes=["sms"], how=Consent.Ended.SMS, now=NOW)
    preferences_update(user_id=pieter.pk, changes={"sms_enabled": False}, now=NOW)

    for sent in (stale, {name: value for name, value in stale.items() if not name.endswith("shown")}):
        answer = nurse.post(url(cast), sent)

        assert answer.status_code == 200
        page = answer.content.decode()
        assert page.count("They changed this themselves meanwhile, or a colleague did.") == 1
        [form] = [each["form"] for each in answer.context["people"] if each["is_changed"]]
        assert "sms" not in form["agreed"].value()
        assert not Consent.objects.filter(user=pieter, purpose="sms", withdrawn_at__isnull=True).exists()
        row = NotificationPreferences.objects.get(user=pieter)
        assert (row.language, row.sms_enabled) == ("en", False)
        assert not ModelLogEntry.objects.exists()

    assert nurse.post(url(cast), asked(pieter, language="af", agreed=["reminders"])).status_code == 302
    row.refresh_from_db()
    assert (row.language, row.sms_enabled) == ("af", False)


def test_the_page_sends_back_what_it_showed(cast: Cast, pieter: User, nurse: Client) -> None:
    page = nurse.get(url(cast)).content.decode()

    shown = wishes_of([pieter.pk])[pieter.pk].digest
    assert f'<input type="hidden" name="p{pieter.pk}-shown" value="{shown}"' in page


def test_a_second_click_changes_nothing_more(cast: Cast, pieter: User, nurse: Client) -> None:
    sent = asked(pieter, language="af")

    assert [nurse.post(url(cast), sent).status_code for _click in range(2)] == [302, 302]
    assert ModelLogEntry.objects.count() == 1


def test_nothing_changes_where_nothing_is_different(cast: Cast, pieter: User, nurse: Client) -> None:
    before = list(Consent.objects.order_by("pk").values())
    nurse.post(url(cast), asked(pieter))
    assert list(Consent.objects.order_by("pk").values()) == before
    assert not ModelLogEntry.objects.exists()
    assert not Notification.objects.exists()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"said": ""}, "Only what the person says themselves counts."),
        ({"language": "fr"}, "Select a valid choice."),
        ({"quiet_hours_enabled": "on", "quiet_hours_start": "late"}, "Write a time as in 22:00."),
        ({"quiet_hours_enabled": "on", "quiet_hours_start": ""}, "Write a time as in 22:00."),
        (
            {"quiet_hours_enabled": "on", "quiet_hours_start": "06:00"},
            "Quiet hours cannot start and end at the same time.",
        ),
        ({"agreed": ["reminders", "pigeons"]}, "Select a valid choice."),
        ({"agreed": ["push"]}, "Select a valid choice."),
    ],
)
def test_what_is_wrong_is_said_and_changes_nothing(
    cast: Cast, pieter: User, nurse: Client, fields: dict[str, Any], said: str
) -> None:
    answer = nurse.post(url(cast), asked(pieter, detail="detailed", **fields))
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert not NotificationPreferences.objects.filter(detail="detailed").exists()
    assert not ModelLogEntry.objects.exists()


def test_nobody_else_gets_in(cast: Cast, pieter: User, client: Client) -> None:
    stranger = UserFactory()
    client.force_login(cast.nurse)
    for person in (stranger.pk, "x", ""):
        assert client.post(url(cast), {**asked(pieter), "person": person}).status_code == 404
    client.force_login(cast.other_nurse)
    assert client.get(url(cast)).status_code == 404
    assert client.post(url(cast), asked(pieter, language="af")).status_code == 404
    assert not NotificationPreferences.objects.exists()


def test_in_afrikaans(cast: Cast, pieter: User, nurse: Client) -> None:
    preferences_update(user_id=pieter.pk, changes={"language": "af"}, now=timezone.now())
    page = nurse.get(url(cast)).content.decode()
    assert "My kliniek mag per SMS aan my skryf." in page
