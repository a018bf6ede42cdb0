"""Before a way in to somebody's account changes, they show once more who they are; and they are told afterwards."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import allauth
import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils.translation import override

from home.models import User
from home.sign_in.notices import NOTICES
from home.transactional.codes import account_changed_message
from notifications.models import NotificationPreferences
from tests.factories import PASSWORD, UserFactory
from tests.home.sign_in.steps import asked, code_of, commits_at_once, second_step  # noqa: F401 - a fixture
from tests.home.transactional import Phones, phones, queued  # noqa: F401 - fixtures

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones", "queued")]
OLD, NEW = "+27825550142", "+27835550117"
EMAIL, PHONE = "/en/preferences/reach/email/", "/en/preferences/reach/phone/"
CODE, CONFIRM = "/en/accounts/reauthenticate/code/", "/en/accounts/reauthenticate/code/confirm/"
NOON = "2026-11-24T10:00:00Z"
NOT_HERE = {"account/email/email_changed", "account/email/email_confirm", "account/email/email_deleted"}
"""Addresses are changed on pages of our own, which tell by themselves (home/contact_verification)."""
OF_KEYS = {"mfa/email/webauthn_added", "mfa/email/webauthn_removed"}


@pytest.fixture(autouse=True)
def _nobody_counted() -> None:
    cache.clear()


@pytest.fixture
def anna() -> User:
    return UserFactory(email="anna@example.org", phone=OLD)


@pytest.fixture
def reader(client: Client, anna: User) -> Client:
    client.force_login(anna)
    return client


def six_digits(text: str) -> str:
    [code] = re.findall(r"\b\d{6}\b", text.split("Open in")[0])
    return code


@pytest.mark.parametrize(("path", "new"), [(EMAIL, {"email": "thief@example.org"}), (PHONE, {"phone": NEW})])
def test_another_address_needs_the_password_first(reader: Client, anna: User, path: str, new: dict) -> None:
    ask = f"/en/accounts/reauthenticate/?next={path.replace('/', '%2F')}"
    assert reader.get(path)["Location"] == ask
    assert reader.post(path, new)["Location"] == ask
    assert (Phones.sent, mail.outbox) == ([], [])
    refused = reader.post(ask, {"password": "wrong", "next": path})
    assert "That is not your password" in refused.content.decode()
    answer = reader.post(ask, {"password": PASSWORD, "next": path})
    assert answer["Location"] == f"{path}code/"  # what was typed is carried out
    assert len(Phones.sent) + len(mail.outbox) == 1


def test_confirming_the_address_that_one_has_needs_none(reader: Client, anna: User) -> None:
    User.objects.update(email_verified_at=None)
    assert reader.get(EMAIL).status_code == 200
    assert reader.post(EMAIL, {"email": "anna@example.org"})["Location"] == f"{EMAIL}code/"
    assert reader.post(EMAIL, {"email": "other@example.org"})["Location"].startswith(
        "/en/accounts/reauthenticate/"
    )


def test_having_signed_in_a_moment_ago_is_not_enough_and_having_been_asked_holds_five_minutes(
    client: Client, anna: User
) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        client.post("/en/accounts/login/", {"login": anna.email, "password": PASSWORD})
        assert client.get(PHONE).status_code == 302
        client.post("/en/accounts/reauthenticate/", {"password": PASSWORD})
        clock.shift(timedelta(minutes=4, seconds=59))
        assert client.get(PHONE).status_code == 200
        clock.shift(timedelta(seconds=1))
        assert client.get(PHONE).status_code == 302


@pytest.mark.parametrize("kind", ["email", "phone"])
def test_who_has_no_password_is_sent_a_code(client: Client, kind: str) -> None:
    address = {"email": "sipho@example.org", "phone": OLD}[kind]
    sipho = UserFactory(**{"email": None, "phone": None, "password": None, kind: address})
    client.force_login(sipho)
    ask = client.get(PHONE)["Location"]
    assert ask.startswith(CODE)
    page = client.get(ask).content.decode()
    assert address in page
    assert client.post(ask, {"recipient": address, "next": PHONE})["Location"].startswith(CONFIRM)
    text = mail.outbox[0].body if kind == "email" else Phones.sent[0].body
    assert client.post(CONFIRM, {"code": "000000", "next": PHONE}).status_code == 200
    assert client.post(CONFIRM, {"code": six_digits(text), "next": PHONE})["Location"] == PHONE
    assert client.get(PHONE).status_code == 200


def test_a_code_goes_to_ones_own_addresses_only(client: Client) -> None:
    client.force_login(UserFactory(email=None, phone=OLD, password=None))
    answer = client.post(CODE, {"recipient": NEW})
    assert answer.status_code == 200
    assert Phones.sent == []


@time_machine.travel(NOON, tick=False)
def test_who_has_a_second_step_is_asked_for_it_and_neither_password_nor_code_does(
    reader: Client, anna: User
) -> None:
    _step, secret = second_step(anna)
    ask = "/en/accounts/2fa/reauthenticate/"
    for path in (PHONE, "/en/accounts/reauthenticate/", CODE):
        assert reader.get(path)["Location"].startswith(ask)
    assert reader.post(CODE, {"recipient": OLD})["Location"].startswith(ask)
    assert Phones.sent == []
    assert reader.post(ask, {"code": code_of(secret), "next": PHONE})["Location"] == PHONE
    assert reader.get(PHONE).status_code == 200


def test_a_first_password_needs_a_code_and_is_not_kept_meanwhile(client: Client) -> None:
    sipho = UserFactory(email=None, phone=OLD, password=None)
    client.force_login(sipho)
    word = "another-quiet-word"
    path = "/en/accounts/password/set/"
    assert client.post(path, {"password1": word, "password2": word})["Location"] == path
    assert word not in str(dict(client.session.items()))
    assert client.get(path)["Location"].startswith(CODE)
    asked(client, sipho)
    assert client.post(path, {"password1": word, "password2": word})["Location"] == "/en/preferences/"
    sipho.refresh_from_db()
    assert sipho.check_password(word)
    assert [sms.body for sms in Phones.sent] == [
        "Your MedGuard account has a password now. If that was not you, tell your clinic at once."
    ]


def test_a_changed_password_is_told_by_mail_in_ones_own_language(reader: Client, anna: User) -> None:
    NotificationPreferences.objects.create(user=anna, language="af")
    new = "another-quiet-word"
    reader.post(
        "/en/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new}
    )
    [message] = mail.outbox
    assert message.to == ["anna@example.org"]
    assert "U MedGuard-wagwoord is verander." in message.body
    assert Phones.sent == []


@time_machine.travel(NOON, tick=False)
@pytest.mark.usefixtures("commits_at_once")
def test_each_change_of_the_second_step_is_told(reader: Client, anna: User) -> None:
    asked(reader, anna)
    page = "/en/accounts/2fa/totp/activate/"
    secret = reader.get(page).context["form"].secret
    reader.post(page, {"code": code_of(secret)})
    reader.post("/en/accounts/2fa/recovery-codes/generate/")
    reader.post("/en/accounts/2fa/totp/deactivate/")
    said = [message.body for message in mail.outbox]
    for number, words in enumerate(["has a second step", "has new recovery codes", "was removed"]):
        assert words in said[number]
    assert len(said) == 3


def test_an_address_that_is_added_is_told_to_the_other(
    client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    sipho = UserFactory(email=None, phone=OLD)
    client.force_login(sipho)
    asked(client, sipho)
    client.post(EMAIL, {"email": "sipho@example.org"})
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"{EMAIL}code/", {"code": six_digits(mail.outbox[0].body)})
    assert [(sms.address, sms.body.split(".")[0]) for sms in Phones.sent] == [
        (OLD, "Your MedGuard account has another e-mail address")
    ]


def test_allauth_tells_nothing_that_has_no_words_of_ours() -> None:
    code = "".join(path.read_text() for path in Path(allauth.__file__).parent.rglob("*.py"))
    told = set(re.findall(r'send_notification_mail\(\s*"([^"]+)"', code))
    ours = {each for each in told if each.startswith(("account/", "mfa/"))}
    assert ours - NOT_HERE - OF_KEYS == set(NOTICES)


@pytest.mark.parametrize("language", ["en", "af"])
@pytest.mark.parametrize("said", NOTICES.values(), ids=NOTICES)
def test_what_is_told_fits_one_sms(language: str, said: str) -> None:
    with override("en"):
        body = account_changed_message("phone", OLD, said, language=language).body
    assert len(body) <= 160
    assert body.isascii()
