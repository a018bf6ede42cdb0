"""Invitations: a link that works once and sets up an account for the person at the address."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from home.invitation.selectors import invitation_of
from home.invitation.services import (
    invitation_accept,
    invitation_create,
    invitation_decline,
    invitation_revoke,
    invitation_send,
)
from home.models import CareRole, Invitation, Patient, Relation, User
from notifications.exceptions import ChannelError
from notifications.models import NotificationPreferences
from notifications.pipeline.retention import clean_up
from notifications.types import Message
from tests.factories import PASSWORD, CareRoleFactory, UserFactory
from tests.home.conftest import Cast
from tests.home.transactional import Phones, phones, queued  # noqa: F401 - fixtures

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones", "queued")]
NUMBER = "+27825550142"
PROFILE = {"first_name": "Pieter", "last_name": "Botha", "language": "af", "password": ""}


@pytest.fixture(autouse=True)
def _nobody_counted() -> None:
    cache.clear()


def invite(patient: Patient, **fields: Any) -> Invitation:
    to = {} if {"email", "phone"} & fields.keys() else {"phone": NUMBER}
    made = invitation_create(
        **{
            "patient": patient,
            "relation": Relation.SELF,
            "invited_by": None,
            "now": timezone.now(),
            "language": "en",
            **to,
            **fields,
        }
    )
    return invitation_send(invitation_id=made.pk, now=timezone.now())


def link() -> str:
    [path] = re.findall(r"http://localhost:8000(/\S+)", Phones.sent[-1].body)
    return path


def test_the_link_sets_up_an_account_and_signs_in(client: Client, cast: Cast) -> None:
    invite(cast.pieter)
    page = client.get(link()).content.decode()
    assert "Hillbrow" in page
    assert 'value="Pieter"' in page
    assert not CareRole.objects.filter(patient=cast.pieter, relation=Relation.SELF).exists()
    assert client.post(link(), PROFILE)["Location"] == "/en/start/"
    person = User.objects.get(phone=NUMBER)
    assert client.session["_auth_user_id"] == str(person.pk)
    assert person.phone_verified_at is not None
    assert not person.has_usable_password()
    assert CareRole.objects.get(patient=cast.pieter, user=person).relation == Relation.SELF
    assert NotificationPreferences.objects.get(user=person).language == "af"
    assert client.get("/en/start/")["Location"] == "/af/today/"


def test_by_e_mail_with_a_password(client: Client, cast: Cast) -> None:
    invite(cast.pieter, email="Pieter@Example.org", relation=Relation.CARER, alert_missed=True)
    [message] = mail.outbox
    [path] = set(re.findall(r"http://localhost:8000(/en/i/\S+)", message.body))
    client.post(path, {**PROFILE, "password": PASSWORD})
    person = User.objects.get(email="pieter@example.org")
    assert person.email_verified_at is not None
    assert person.check_password(PASSWORD)
    role = CareRole.objects.get(user=person)
    assert (role.relation, role.alert_missed) == (Relation.CARER, True)


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Your clinic invites you"), ("af", "U kliniek nooi u")]
)
def test_the_message_names_neither_patient_nor_clinic(cast: Cast, language: str, words: str) -> None:
    invite(cast.pieter, language=language)
    invite(cast.pieter, language=language, email="pieter@example.org")
    texts = [Phones.sent[0].body, mail.outbox[0].subject + mail.outbox[0].body]
    for text in texts:
        assert words in text
        assert f"/{language}/i/" in text
        assert not any(name in text for name in ("Pieter", "Botha", "Hillbrow"))
    assert len(Phones.sent[0].body.encode("ascii")) <= 160


def test_a_weak_password_and_missing_names_are_asked_for_again(client: Client, cast: Cast) -> None:
    invite(cast.pieter)
    answer = client.post(link(), {**PROFILE, "password": "12345", "first_name": ""})
    assert answer.status_code == 200
    assert answer.content.decode().count('class="nhsuk-error-message"') >= 2
    assert not User.objects.filter(phone=NUMBER).exists()


def test_the_link_works_once(client: Client, cast: Cast) -> None:
    invite(cast.pieter)
    client.post(link(), PROFILE)
    stranger = Client()
    for answer in (stranger.get(link()), stranger.post(link(), {**PROFILE, "first_name": "Eve"})):
        assert answer.status_code == 410
        assert "already been accepted" in answer.content.decode()
    assert User.objects.filter(phone=NUMBER).count() == 1
    assert CareRole.objects.filter(patient=cast.pieter).count() == 2


def test_the_link_works_a_week(client: Client, cast: Cast) -> None:
    invitation = invite(cast.pieter)
    with time_machine.travel(timezone.now() + timedelta(days=7, seconds=1)):
        answer = client.get(link())
        assert answer.status_code == 410
        assert "seven days" in answer.content.decode()
        invitation_send(invitation_id=invitation.pk, now=timezone.now())
        assert client.get(link()).status_code == 200


def test_sending_again_makes_a_new_link_and_the_old_one_stops_working(client: Client, cast: Cast) -> None:
    invitation = invite(cast.pieter)
    old = link()
    invitation_send(invitation_id=invitation.pk, now=timezone.now())
    assert client.get(old).status_code == 410
    assert client.get(link()).status_code == 200


def test_the_link_of_a_revoked_invitation_does_not_work(client: Client, cast: Cast) -> None:
    invitation = invite(cast.pieter)
    assert invitation_revoke(invitation_id=invitation.pk, now=timezone.now())
    assert not invitation_revoke(invitation_id=invitation.pk, now=timezone.now())
    answer = client.post(link(), PROFILE)
    assert answer.status_code == 410
    assert "withdrawn" in answer.content.decode()
    sent = len(Phones.sent)
    invitation_send(invitation_id=invitation.pk, now=timezone.now())
    assert len(Phones.sent) == sent


def test_nobody_accepts_an_invitation_to_a_deceased_patient(client: Client, cast: Cast) -> None:
    invite(cast.pieter)
    Patient.objects.filter(pk=cast.pieter.pk).update(deceased_on=timezone.localdate())
    assert client.post(link(), PROFILE).status_code == 410


def test_an_invitation_that_could_not_be_sent_keeps_the_reason_and_can_be_sent_later(
    client: Client, cast: Cast
) -> None:
    def refuse(message: Message) -> None:
        raise ChannelError("The gateway is down.", permanent=False)

    Phones.on_send = staticmethod(refuse)  # type: ignore[assignment]
    invitation = invite(cast.pieter)
    row = Invitation.objects.get(pk=invitation.pk)
    assert (row.state(timezone.now()), row.error) == (Invitation.State.FAILED, "The gateway is down.")
    Phones.on_send = None
    invitation_send(invitation_id=invitation.pk, now=timezone.now())
    assert Invitation.objects.get(pk=invitation.pk).state(timezone.now()) == Invitation.State.SENT
    assert client.get(link()).status_code == 200


def test_no_link_is_in_the_database(cast: Cast) -> None:
    invitation = invite(cast.pieter)
    token = link().split("/")[3]
    row = Invitation.objects.filter(pk=invitation.pk).values().get()
    assert token not in str(row)
    assert invitation_of(token) == invitation
    assert len(token) >= 22


def test_the_owner_of_an_account_signs_in_and_gets_the_patient_added(client: Client, cast: Cast) -> None:
    owner = UserFactory(email=None, phone=NUMBER, phone_verified_at=None)
    invite(cast.pieter, relation=Relation.CARER)
    page = client.get(link()).content.decode()
    assert "already has an account" in page
    assert f"?next={link()}" in page
    client.post(link(), PROFILE)
    assert not CareRole.objects.filter(user=owner).exists()
    client.force_login(owner)
    assert "Yes, add it" in client.get(link()).content.decode()
    client.post(link())
    assert CareRole.objects.get(user=owner).patient == cast.pieter
    owner.refresh_from_db()
    assert owner.phone_verified_at is not None


def test_the_owner_sees_who_asks_and_for_whom_and_declines(client: Client, cast: Cast) -> None:
    owner = UserFactory(email=None, phone=NUMBER)
    invitation = invite(cast.pieter, relation=Relation.CARER, invited_by=cast.nurse)
    client.force_login(owner)
    page = client.get(link()).content.decode()
    for words in ("Hillbrow", "Pieter", "Sister Nkosi", "No, thank you"):
        assert words in page
    assert "You have declined" in client.post(link(), {"decline": "1"}).content.decode()
    assert not CareRole.objects.filter(user=owner).exists()
    for answer in (client.get(link()), client.post(link()), client.post(link(), {"decline": "1"})):
        assert answer.status_code == 410
    invitation.refresh_from_db()
    assert invitation.state(timezone.now()) == Invitation.State.DECLINED
    sent = len(Phones.sent)
    invitation_send(invitation_id=invitation.pk, now=timezone.now())
    assert len(Phones.sent) == sent
    assert not invitation_revoke(invitation_id=invitation.pk, now=timezone.now())


def test_somebody_without_an_account_declines_too(client: Client, cast: Cast) -> None:
    invite(cast.pieter)
    assert "You have declined" in client.post(link(), {"decline": "1"}).content.decode()
    assert not User.objects.filter(phone=NUMBER).exists()
    assert Invitation.objects.get().accepted_at is None


def test_a_link_that_was_replaced_declines_nothing(cast: Cast) -> None:
    invitation = invite(cast.pieter)
    read = invitation.digest
    invitation_send(invitation_id=invitation.pk, now=timezone.now())
    assert not invitation_decline(invitation_id=invitation.pk, digest=read, now=timezone.now())
    assert Invitation.objects.get().is_open(timezone.now())


def test_nobody_declines_for_the_owner(client: Client, cast: Cast) -> None:
    """Neither a stranger with the link nor somebody else who is signed in."""
    UserFactory(email=None, phone=NUMBER)
    invite(cast.pieter)
    client.post(link(), {"decline": "1"})
    client.force_login(cast.anna)
    client.post(link(), {"decline": "1"})
    assert Invitation.objects.get().is_open(timezone.now())


def test_somebody_else_who_is_signed_in_is_told_so(client: Client, cast: Cast) -> None:
    invite(cast.pieter)
    client.force_login(cast.anna)
    for answer in (client.get(link()), client.post(link(), PROFILE)):
        assert "This is for somebody else" in answer.content.decode()
    assert not User.objects.filter(phone=NUMBER).exists()


def test_of_two_invitations_for_the_patient_themselves_the_first_accepted_counts(
    client: Client, cast: Cast
) -> None:
    invite(cast.pieter)
    first = link()
    invite(cast.pieter, phone="+27835550117")
    second = link()
    client.post(first, PROFILE)
    answer = Client().post(second, PROFILE)
    assert answer.status_code == 410
    assert "Somebody else has already accepted" in answer.content.decode()
    assert not User.objects.filter(phone="+27835550117").exists()


def test_an_open_invitation_or_an_account_of_the_patient_refuses_another(cast: Cast) -> None:
    invite(cast.pieter)
    with pytest.raises(ValidationError, match="has already been sent there"):
        invite(cast.pieter)
    invite(cast.pieter, relation=Relation.CARER, phone="+27835550117")
    CareRoleFactory(patient=cast.zanele, relation=Relation.SELF)
    with pytest.raises(ValidationError, match="already has their own account"):
        invite(cast.zanele)


def test_a_link_that_was_replaced_while_its_page_was_open_is_refused(cast: Cast) -> None:
    invitation = invite(cast.pieter)
    read = invitation.digest
    invitation_send(invitation_id=invitation.pk, now=timezone.now())
    with pytest.raises(ValidationError, match="no longer works"):
        invitation_accept(
            invitation_id=invitation.pk, digest=read, user=None, profile=PROFILE, now=timezone.now()
        )


def test_the_page_is_not_cached_and_does_not_leak_its_address(client: Client, cast: Cast) -> None:
    invite(cast.pieter)
    answer = client.get(link())
    assert "no-store" in answer["Cache-Control"]
    # None at all would make the browser hide from us, too, where the form comes from.
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["X-Robots-Tag"] == "noindex"


def test_an_unknown_link_gets_a_page_that_says_so(client: Client) -> None:
    answer = client.get("/en/i/nonsense/")
    assert answer.status_code == 410
    assert "ask your clinic" in answer.content.decode()


# In the admin -----------------------------------------------------------------------------------------------


def form(patient: Patient, **changes: Any) -> dict[str, Any]:
    return {"patient": patient.pk, "relation": "self", "address": NUMBER, "language": "en", **changes}


def test_a_nurse_invites_from_the_patients_page(client: Client, cast: Cast) -> None:
    client.force_login(cast.nurse)
    page = client.get(f"/admin/patients/edit/{cast.pieter.pk}/").content.decode()
    [path] = re.findall(r'href="(/admin/invitations/new/\?patient=\d+)"', page)
    assert "Pieter Botha" in client.get(path).content.decode()
    answer = client.post("/admin/invitations/new/", form(cast.pieter), follow=True)
    assert "is on its way to +27825550142" in answer.content.decode()
    assert Invitation.objects.get().invited_by == cast.nurse
    assert client.get(link()).status_code == 200
    page = client.get(f"/admin/patients/edit/{cast.pieter.pk}/").content.decode()
    assert NUMBER in page


def test_staff_learn_from_no_answer_which_addresses_have_accounts(cast: Cast) -> None:
    """The same page, words and work for every address; and until somebody answers, the same row."""
    UserFactory(email="known@example.org")
    seen = []
    for address in ("known@example.org", "other@example.org"):
        nurse = Client()
        nurse.force_login(cast.nurse)
        nurse.get("/admin/invitations/new/")
        with CaptureQueriesContext(connection) as queries:
            answer = nurse.post(
                "/admin/invitations/new/", form(cast.pieter, relation="carer", address=address)
            )
        row = Invitation.objects.get(email=address)
        [message] = [each for each in mail.outbox if address in each.to]
        said = str(nurse.get(answer["Location"]).content.count(address.encode()))
        seen.append((answer.status_code, answer["Location"], said, len(queries), row.error, message.subject))
    assert seen[0] == seen[1]
    page = nurse.get(f"/admin/patients/edit/{cast.pieter.pk}/").content.decode()
    assert page.count("waiting for an answer") == 2


@pytest.mark.parametrize("patient", ["x", "²", "-1", "9" * 5000])
def test_an_unknown_patient_in_the_address_is_ignored(client: Client, cast: Cast, patient: str) -> None:
    client.force_login(cast.nurse)
    assert client.get("/admin/invitations/new/", {"patient": patient}).status_code == 200


@pytest.mark.parametrize("address", ["", "nonsense", "12345", "a@b"])
def test_an_address_that_is_neither_e_mail_nor_phone_is_refused(
    client: Client, cast: Cast, address: str
) -> None:
    client.force_login(cast.nurse)
    assert client.post("/admin/invitations/new/", form(cast.pieter, address=address)).status_code == 200
    assert not Invitation.objects.exists()


def test_another_clinics_patients_are_not_invited_nor_their_invitations_seen(
    client: Client, cast: Cast
) -> None:
    invitation = invite(cast.zanele)
    client.force_login(cast.nurse)
    assert client.post("/admin/invitations/new/", form(cast.zanele)).status_code == 200
    assert Invitation.objects.count() == 1
    assert NUMBER not in client.get("/admin/invitations/").content.decode()
    for verb in ("send", "revoke"):
        path = f"/admin/invitations/{invitation.pk}/{verb}/"
        for ask in (client.get, client.post, client.put, client.delete):
            assert ask(path).status_code == 404
    assert len(Phones.sent) == 1


def test_it_is_sent_again_and_withdrawn_from_the_list(client: Client, cast: Cast) -> None:
    invitation = invite(cast.pieter)
    client.force_login(cast.nurse)
    assert "Send again" in client.get("/admin/invitations/").content.decode()
    client.post(f"/admin/invitations/{invitation.pk}/send/")
    assert len(Phones.sent) == 2
    client.post(f"/admin/invitations/{invitation.pk}/revoke/")
    page = client.get("/admin/invitations/").content.decode()
    assert "withdrawn" in page.lower()
    assert f"/admin/invitations/{invitation.pk}/send/" not in page


def test_a_failure_is_said_at_once_and_shown_in_the_list(client: Client, cast: Cast) -> None:
    def refuse(message: Message) -> None:
        raise ChannelError("The gateway is down.", permanent=False)

    Phones.on_send = staticmethod(refuse)  # type: ignore[assignment]
    client.force_login(cast.nurse)
    answer = client.post("/admin/invitations/new/", form(cast.pieter), follow=True)
    assert answer.content.decode().count("The gateway is down.") == 2


def test_patients_cannot_open_the_admin_pages(client: Client, cast: Cast) -> None:
    client.force_login(cast.anna)
    for path in ("/admin/invitations/", "/admin/invitations/new/"):
        assert client.get(path).status_code == 302


def test_an_unaccepted_invitation_is_deleted_a_month_after_it_expired(cast: Cast) -> None:
    old, accepted, newer = invite(cast.pieter), invite(cast.zanele), invite(cast.pieter, phone="0835550117")
    end = old.expires_at + timedelta(days=30)
    Invitation.objects.filter(pk=accepted.pk).update(accepted_at=old.created_at)
    Invitation.objects.filter(pk=newer.pk).update(expires_at=end - timedelta(days=29))
    assert clean_up(now=end - timedelta(seconds=1))["invitations"] == 0
    assert clean_up(now=end)["invitations"] == 1
    assert set(Invitation.objects.all()) == {accepted, newer}
