"""How the people of a patient are reached, and that the database gives the same answers."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from home.models import CareRole, Relation, User
from home.privacy.consents import consents_withdraw
from home.reach import rows
from home.reach.ways import reached
from notifications.models import Suppression
from notifications.preferences.opt_outs import opt_out
from notifications.preferences.settings import preferences_update
from notifications.types import Reason
from tests.factories import CareRoleFactory, PatientFactory, UserFactory
from tests.home.conftest import Cast

NUMBER, SAID = "+27825550142", "082 555 0142"
NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def pieter(cast: Cast) -> User:
    user = UserFactory(first_name="Pieter", last_name="Botha", email=None, phone=NUMBER)
    CareRoleFactory(patient=cast.pieter, user=user)
    return user


def words(cast: Cast) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for way in reached([cast.pieter.pk])[cast.pieter.pk]:
        found.setdefault(way.relation, []).append(way.words)
    return found


def test_each_persons_ways_the_patients_own_first(cast: Cast, pieter: User) -> None:
    ways = reached([cast.pieter.pk, cast.zanele.pk])
    assert ways[cast.zanele.pk] == []
    own, annas = ways[cast.pieter.pk]
    assert (own.user_id, own.relation, own.channel, own.address) == (
        pieter.pk,
        "self",
        "sms",
        SAID,
    )
    assert own.alone and own.works and own.words == "the only way, so reminders come by it"
    assert (annas.channel, annas.address, annas.works) == ("email", cast.anna.email, True)


def test_what_hinders_is_said(cast: Cast, pieter: User) -> None:
    User.objects.filter(pk=pieter.pk).update(phone_verified_at=None)
    Suppression.objects.create(channel="email", address=cast.anna.email, reason=Reason.BOUNCED, since=NOW)
    assert words(cast) == {"self": ["not confirmed yet"], "carer": ["comes back"]}
    User.objects.filter(pk=pieter.pk).update(phone_verified_at=NOW)
    consents_withdraw(user_id=pieter.pk, purposes=["reminders"], how="site", now=NOW)
    assert words(cast)["self"] == ["not agreed to reminders of treatment"]
    preferences_update(user_id=pieter.pk, changes={"sms_enabled": False}, now=NOW)
    assert words(cast)["self"] == ["turned off"]
    User.objects.filter(pk=pieter.pk).update(phone=None, email="pieter@example.org", email_verified_at=NOW)
    Suppression.objects.all().delete()
    consents_withdraw(patient_id=cast.pieter.pk, purposes=["carers"], how="site", now=NOW)
    assert words(cast)["carer"] == ["the patient has not agreed that carers are told"]


@pytest.mark.parametrize("what", ["nothing", "not agreed", "no reminders", "turned off"])
@pytest.mark.parametrize("is_confirmed", [True, False])
def test_whether_a_number_is_confirmed_hangs_on_nothing_else(
    cast: Cast, pieter: User, is_confirmed: bool, what: str
) -> None:
    User.objects.filter(pk=pieter.pk).update(phone_verified_at=NOW if is_confirmed else None)
    _hinder(what, pieter, "sms", cast.pieter.pk)

    own, _annas = reached([cast.pieter.pk])[cast.pieter.pk]

    assert own.is_confirmed is is_confirmed


def test_any_number_of_patients_takes_as_many_queries(cast: Cast, pieter: User) -> None:
    def queries(ids: list[int]) -> int:
        with CaptureQueriesContext(connection) as context:
            reached(ids)
        return len(context)

    one = queries([cast.pieter.pk])
    others = [CareRoleFactory(patient=PatientFactory(clinic=cast.clinic)).patient_id for _ in range(8)]
    assert queries([cast.pieter.pk, *others]) == one


@pytest.mark.parametrize("relation", ["self", "carer"])
@pytest.mark.parametrize("channel", ["sms", "email"])
@pytest.mark.parametrize(
    "what",
    ["nothing", "unconfirmed", "not agreed", "no reminders", "turned off", "fails", "inactive", "untold"],
)
def test_the_database_gives_the_same_answers(cast: Cast, relation: str, channel: str, what: str) -> None:
    """Whatever hinders, for every relation: lists never say another thing than the patient's page."""
    address: dict[str, Any] = (
        {"phone": NUMBER, "email": None} if channel == "sms" else {"email": "p@example.org", "phone": None}
    )
    user = UserFactory(**address)
    patient = PatientFactory(clinic=cast.clinic)
    CareRoleFactory(patient=patient, user=user, relation=Relation(relation))
    _hinder(what, user, channel, patient.pk)

    by_page = {way.channel for way in reached([patient.pk])[patient.pk] if way.works}

    roles = CareRole.objects.filter(patient=patient)
    by_lists = {name for name in ("sms", "email", "push") if rows.reached(roles, name).exists()}
    assert by_lists == by_page
    assert rows.reached(roles).exists() == bool(by_page)


def _hinder(what: str, user: User, channel: str, patient_id: int) -> None:
    field = {"sms": "phone", "email": "email"}[channel]
    if what == "unconfirmed":
        User.objects.filter(pk=user.pk).update(**{f"{field}_verified_at": None})
    elif what in ("not agreed", "no reminders"):
        purpose = channel if what == "not agreed" else "reminders"
        consents_withdraw(user_id=user.pk, purposes=[purpose], how="site", now=NOW)
    elif what == "turned off":
        preferences_update(user_id=user.pk, changes={f"{channel}_enabled": False}, now=NOW)
    elif what == "fails" and channel == "email":
        Suppression.objects.create(channel="email", address=user.email, reason=Reason.BOUNCED, since=NOW)
    elif what == "inactive":
        User.objects.filter(pk=user.pk).update(is_active=False)
    elif what == "untold":
        consents_withdraw(patient_id=patient_id, purposes=["carers"], how="site", now=NOW)


def test_what_somebody_stopped_with_the_provider_is_for_them_to_start_again(cast: Cast, pieter: User) -> None:
    opt_out(user_id=pieter.pk, channel="sms", provider="twilio", sent_at=NOW, now=NOW)
    assert words(cast)["self"] == ["stopped by them with the provider: only they can start it again"]
    preferences_update(user_id=pieter.pk, changes={"sms_enabled": True}, now=NOW)
    preferences_update(user_id=pieter.pk, changes={"sms_enabled": False}, now=NOW)
    assert words(cast)["self"] == ["turned off"]
