"""How consent is given and withdrawn: in the settings, by SMS, by accepting an invitation, on its own page."""

from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from home.carers import CARERS
from home.invitation.services import invitation_accept, invitation_create
from home.models import Consent, Invitation, Relation, User
from home.privacy.consents import consents_give, consents_of, consents_withdraw
from home.privacy.sentences import CARRIED_OVER, REMINDERS, SENTENCES, current_version, personal_purposes
from notifications.channels.push.devices import Subscription, device_add
from notifications.models import InboundMessage, NotificationPreferences
from notifications.replies.interpretation import carry_out
from tests.factories import CareRoleFactory, PatientFactory, UserFactory
from tests.home.conftest import Cast

pytestmark = pytest.mark.django_db
PHONE = "+27825550142"
How = Consent.How

AGREED_TO = {
    (REMINDERS, 1): "c8b0ff",
    ("email", 1): "34fc4d",
    ("sms", 1): "70cb4d",
    ("push", 1): "346c92",
    ("whatsapp", 1): "390c65",
    ("voice", 1): "995ec9",
    (CARERS, 1): "6f0e27",
}
"""Each version of each sentence by its digest. Never change one: better words are another version."""


@pytest.fixture
def thandi() -> User:
    """A patient who hasn't agreed to anything."""
    user = CareRoleFactory(user__phone=PHONE).user
    Consent.objects.all().delete()
    return user


def standing(user: User) -> dict[str, str]:
    return dict(consents_of(user_id=user.pk).values_list("purpose", "how"))


def test_sentences_that_people_agreed_to_stay_as_they_are() -> None:
    found = {
        (purpose, version): sha256(f"{words['en']}|{words['af']}".encode()).hexdigest()[:6]
        for purpose, versions in SENTENCES.items()
        for version, words in versions.items()
    }
    assert found == AGREED_TO


class TestRows:
    def test_two_yeses_are_one_consent(self, thandi: User) -> None:
        for _ in range(2):
            consents_give(
                user_id=thandi.pk, purposes=["email"], how=How.SITE, language="en", now=timezone.now()
            )
        assert Consent.objects.count() == 1

    def test_the_database_refuses_a_second_that_stands(self, thandi: User) -> None:
        row: dict[str, Any] = {
            "user": thandi,
            "purpose": "sms",
            "version": 1,
            "language": "en",
            "how": How.PAPER,
            "given_at": timezone.now(),
        }
        Consent.objects.create(**row)
        with pytest.raises(IntegrityError), transaction.atomic():
            Consent.objects.create(**row)

    def test_withdrawing_keeps_the_row_and_twice_is_harmless(self, thandi: User) -> None:
        now = timezone.now()
        consents_give(user_id=thandi.pk, purposes=["email"], how=How.SITE, language="af", now=now)
        ended: dict[str, Any] = {"how": Consent.Ended.SITE, "by_id": thandi.pk}
        assert consents_withdraw(user_id=thandi.pk, purposes=["email"], now=now, **ended) == 1
        later = now + timedelta(hours=1)
        assert consents_withdraw(user_id=thandi.pk, purposes=["email"], now=later, **ended) == 0
        row = Consent.objects.get()
        assert (row.language, row.withdrawn_at, row.withdrawn_by) == ("af", now, thandi)

    def test_what_was_carried_over_is_confirmed_by_a_new_row(self, thandi: User, cast: Cast) -> None:
        now = timezone.now()
        old = Consent.objects.create(
            user=thandi, purpose="email", version=0, language="en", how=How.BEFORE, given_at=now
        )
        consents_give(
            user_id=thandi.pk,
            purposes=["email"],
            how=How.SPOKEN,
            language="en",
            witness_id=cast.nurse.pk,
            now=now,
        )
        old.refresh_from_db()
        assert old.withdrawn_how == Consent.Ended.RENEWED
        [row] = consents_of(user_id=thandi.pk)
        assert (row.version, row.how, row.witness) == (current_version("email"), How.SPOKEN, cast.nurse)


class TestSettings:
    def test_turning_a_channel_on_is_consent_and_off_its_withdrawal(
        self, client: Client, thandi: User
    ) -> None:
        client.force_login(thandi)
        page = client.get("/en/preferences/").content.decode()
        assert "My clinic may write to me by SMS." in page
        assert "You have not agreed to messages this way" in page
        client.post("/en/preferences/", {"part": "ways", "sms_enabled": "on"})
        assert standing(thandi) == {"sms": How.SITE}
        client.post("/en/preferences/", {"part": "ways"})
        assert standing(thandi) == {}
        assert Consent.objects.get().withdrawn_how == Consent.Ended.SITE

    def test_a_switch_is_off_while_there_is_no_consent(self, client: Client, thandi: User) -> None:
        """Else whoever saves the card for something else would agree without a word."""
        client.force_login(thandi)
        form = next(form for form in client.get("/en/preferences/").context["forms"] if form.name == "ways")
        assert [form[field].value() for field in form.fields] == [False, False, False]
        consents_give(user_id=thandi.pk, purposes=["email"], how=How.PAPER, language="en", now=timezone.now())
        form = next(form for form in client.get("/en/preferences/").context["forms"] if form.name == "ways")
        assert form["email_enabled"].value() is True

    def test_saving_the_card_leaves_what_was_carried_over(self, client: Client, thandi: User) -> None:
        Consent.objects.create(
            user=thandi, purpose="email", version=0, language="en", how=How.BEFORE, given_at=timezone.now()
        )
        client.force_login(thandi)
        client.post("/en/preferences/", {"part": "ways", "email_enabled": "on"})
        assert standing(thandi) == {"email": How.BEFORE}

    def test_a_yes_before_a_nurse_turns_on_what_was_off(self, thandi: User) -> None:
        NotificationPreferences.objects.create(user=thandi, sms_enabled=False)
        consents_give(user_id=thandi.pk, purposes=["sms"], how=How.SPOKEN, language="en", now=timezone.now())
        assert NotificationPreferences.objects.get(user=thandi).sms_enabled
        assert standing(thandi) == {"sms": How.SPOKEN}

    def test_the_interface_says_and_does_the_same(self, thandi: User) -> None:
        client, address = APIClient(), "/api/notification-preferences/"
        client.force_authenticate(thandi)
        assert client.get(address).json()["sms_notifications_enabled"] is False
        client.patch(address, {"sms_notifications_enabled": True}, format="json")
        assert client.get(address).json()["sms_notifications_enabled"] is True
        assert standing(thandi) == {"sms": How.SITE}

    def test_notices_in_a_browser_are_agreed_to_by_turning_them_on(self, thandi: User) -> None:
        device_add(
            user_id=thandi.pk,
            subscription=Subscription("https://fcm.googleapis.com/1", "key", "secret"),
            user_agent="",
            now=timezone.now(),
        )
        assert standing(thandi) == {"push": How.SITE}

    def test_of_staff_nothing_is_recorded(self, client: Client, cast: Cast) -> None:
        client.force_login(cast.nurse)
        client.post("/en/preferences/", {"part": "ways", "sms_enabled": "on"})
        assert standing(cast.nurse) == {}


@pytest.mark.parametrize(("words", "answered"), [("START", "again"), ("stop", "no more")])
def test_start_and_stop_by_sms(thandi: User, words: str, answered: str) -> None:
    if words == "stop":
        consents_give(user_id=thandi.pk, purposes=["sms"], how=How.PAPER, language="en", now=timezone.now())
    row = InboundMessage.objects.create(
        sender=PHONE,
        text=words,
        provider="file",
        provider_id=words,
        received_at=timezone.now(),
        due_at=timezone.now(),
    )
    carry_out(row)
    assert answered in row.reply
    assert standing(thandi) == ({"sms": How.SMS, REMINDERS: How.SMS} if words == "START" else {})
    if words == "stop":
        assert Consent.objects.get().withdrawn_how == Consent.Ended.SMS


class TestInvitations:
    def accept(self, invitation: Invitation, user: User | None = None) -> User:
        profile = {"first_name": "Pieter", "last_name": "Botha", "language": "af", "password": ""}
        return invitation_accept(
            invitation_id=invitation.pk,
            digest=invitation.digest,
            user=user,
            profile=profile,
            now=timezone.now(),
        )

    def invite(self, **address: str) -> Invitation:
        return invitation_create(
            patient=PatientFactory(),
            relation=Relation.SELF,
            invited_by=None,
            now=timezone.now(),
            **address,  # type: ignore[arg-type]
        )

    @pytest.mark.parametrize(
        ("address", "channel"), [({"phone": "+27825550199"}, "sms"), ({"email": "p@example.org"}, "email")]
    )
    def test_accepting_is_consent_to_reminders_by_that_address(
        self, address: dict[str, str], channel: str
    ) -> None:
        user = self.accept(self.invite(**address))
        assert standing(user) == {REMINDERS: How.SITE, channel: How.SITE}

    def test_it_brings_nothing_back_that_was_withdrawn(self, thandi: User) -> None:
        now = timezone.now()
        consents_give(user_id=thandi.pk, purposes=["sms"], how=How.SITE, language="en", now=now)
        consents_withdraw(user_id=thandi.pk, purposes=["sms"], how=Consent.Ended.SITE, now=now)
        self.accept(self.invite(phone=PHONE), thandi)
        assert standing(thandi) == {REMINDERS: How.SITE}


class TestPage:
    def test_each_is_given_and_withdrawn_by_its_button(self, client: Client, thandi: User) -> None:
        client.force_login(thandi)
        for purpose in personal_purposes():
            client.post("/af/consent/", {"item": purpose, "act": "give"})
        assert set(standing(thandi)) == set(personal_purposes())
        assert set(consents_of(user_id=thandi.pk).values_list("language", flat=True)) == {"af"}
        client.post("/af/consent/", {"item": "email", "act": "withdraw"})
        assert "email" not in standing(thandi)

    def test_all_are_withdrawn_at_once_and_the_page_says_what_then_ends(self, client: Client) -> None:
        role = CareRoleFactory()
        CareRoleFactory(patient=role.patient, relation=Relation.CARER)
        client.force_login(role.user)
        page = client.get("/en/consent/").content.decode()
        assert "reminders of doses, and of doses that were missed" in page
        assert "Carers are told nothing any more." in page
        client.post("/en/consent/", {"item": "all", "act": "withdraw"})
        assert standing(role.user) == {}
        assert not consents_of(patient_id=role.patient_id).exists()
        assert "Withdraw all" not in client.get("/en/consent/").content.decode()

    def test_history_is_shown_in_the_words_that_were_agreed_to(self, client: Client, thandi: User) -> None:
        consents_give(user_id=thandi.pk, purposes=["sms"], how=How.PAPER, language="af", now=timezone.now())
        client.force_login(thandi)
        assert SENTENCES["sms"][1]["af"] in client.get("/en/consent/").content.decode()

    def test_what_was_carried_over_asks_to_be_confirmed(self, client: Client, thandi: User) -> None:
        Consent.objects.create(
            user=thandi, purpose="sms", version=0, language="en", how=How.BEFORE, given_at=timezone.now()
        )
        client.force_login(thandi)
        page = client.get("/en/consent/").content.decode()
        assert CARRIED_OVER["en"] in page
        assert "Please say whether it is right." in page

    @pytest.mark.parametrize(
        "posted",
        [{}, {"item": "email"}, {"item": "email", "act": "x"}, {"item": "carers-999", "act": "give"}],
    )
    def test_anything_else_is_refused(self, client: Client, thandi: User, posted: dict[str, str]) -> None:
        client.force_login(thandi)
        assert client.post("/en/consent/", posted).status_code == 400
        assert not Consent.objects.exists()

    def test_nobody_decides_for_a_patient_whom_they_only_care_for(self, client: Client, cast: Cast) -> None:
        client.force_login(cast.anna)
        item = f"{CARERS}-{cast.pieter.pk}"
        assert client.post("/en/consent/", {"item": item, "act": "withdraw"}).status_code == 400
        assert consents_of(patient_id=cast.pieter.pk).exists()

    def test_a_guardian_decides_for_the_child(self, client: Client) -> None:
        role = CareRoleFactory(relation=Relation.GUARDIAN)
        CareRoleFactory(patient=role.patient, relation=Relation.CARER)
        client.force_login(role.user)
        client.post("/en/consent/", {"item": f"{CARERS}-{role.patient_id}", "act": "withdraw"})
        assert not consents_of(patient_id=role.patient_id).exists()

    def test_the_number_of_queries_is_constant(
        self, client: Client, django_assert_max_num_queries: Any
    ) -> None:
        user = UserFactory()
        for _ in range(6):
            role = CareRoleFactory(user=user, relation=Relation.GUARDIAN)
            CareRoleFactory(patient=role.patient, relation=Relation.CARER)
        client.force_login(user)
        client.get("/en/consent/")
        with django_assert_max_num_queries(12):
            client.get("/en/consent/")
