"""Signing in with a number or an address and a code: nobody learns who has an account, and nobody guesses for long."""

import re
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from home.models import User
from home.transactional import queue
from home.transactional.message import TransactionalMessage, decrypt, encrypt
from notifications.exceptions import ChannelError
from tests.factories import StaffRoleFactory, UserFactory
from tests.home.transactional import Phones, phones, queued  # noqa: F401 - fixtures

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones", "queued")]
NUMBER = "+27825550142"
REAL = queue.send_transactional
ASK, CONFIRM = "/en/accounts/login/code/", "/en/accounts/login/code/confirm/"


@pytest.fixture(autouse=True)
def _nobody_counted() -> None:
    cache.clear()


def patient(**fields: Any) -> User:
    return UserFactory(**{"email": None, "phone": NUMBER, "password": None, **fields})


def ask(client: Client, login: str, language: str = "en") -> Any:
    return client.post(f"/{language}/accounts/login/code/", {"login": login})


def code_in(text: str) -> str:
    [code] = re.findall(r"\b\d{6}\b", text)
    return code


def signed_in(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


@pytest.mark.parametrize("typed", ["082 555 0142", "+27825550142", "0825550142"])
def test_a_number_and_the_code_that_it_got_are_enough(client: Client, typed: str) -> None:
    johannes = patient()
    assert ask(client, typed)["Location"] == CONFIRM
    [sms] = Phones.sent
    assert sms.address == NUMBER
    assert signed_in(client) is None
    answer = client.post(CONFIRM, {"code": code_in(sms.body)})
    assert answer["Location"] == "/en/start/"
    assert signed_in(client) == str(johannes.pk)


def test_an_e_mail_address_gets_its_code_by_mail_and_none_of_it_in_the_subject(client: Client) -> None:
    anna = UserFactory(email="anna@example.org", password=None)
    ask(client, " Anna@Example.org ")
    [message] = mail.outbox
    assert not re.search(r"\d", message.subject)
    client.post(CONFIRM, {"code": code_in(message.body.split("Open in")[0])})
    assert signed_in(client) == str(anna.pk)


@pytest.mark.parametrize(
    ("language", "words"), [("en", "is your MedGuard code"), ("af", "is u MedGuard-kode")]
)
def test_the_sms_is_in_the_readers_language_one_part_long_and_says_nothing_else(
    client: Client, language: str, words: str
) -> None:
    patient()
    ask(client, NUMBER, language)
    [sms] = Phones.sent
    assert words in sms.body
    assert len(sms.body) <= 160
    assert sms.body.isascii()
    assert sms.language == language


@pytest.mark.parametrize("login", ["083 555 0199", "nobody@example.org"])
def test_an_unknown_address_is_answered_as_a_known_one(client: Client, login: str) -> None:
    kind = {"email": "anna@example.org", "phone": None} if "@" in login else {"email": None, "phone": NUMBER}
    UserFactory(**kind)
    known = Client()
    answers = [ask(known, kind["email"] or NUMBER), ask(client, login)]
    assert [each.status_code for each in answers] == [302, 302]
    assert [each["Location"] for each in answers] == [CONFIRM, CONFIRM]
    pages = [known.get(CONFIRM).content.decode(), client.get(CONFIRM).content.decode()]
    hidden = r'name="csrfmiddlewaretoken" value="\w+"|X-CSRFToken": "\w+"|since=[\w%:.+-]+'
    pages = [
        re.sub(hidden, "", page).replace(each, "THERE")
        for page, each in zip(
            pages, [kind["email"] or NUMBER, login.replace("083 555 0199", "+27835550199")], strict=True
        )
    ]
    assert pages[0] == pages[1]
    assert len(Phones.sent) + len(mail.outbox) == 1
    for each in (known, client):
        refused = each.post(CONFIRM, {"code": "000000"})
        assert "That code is wrong" in refused.content.decode()


@pytest.mark.parametrize(
    ("path", "field", "known", "unknown"),
    [
        (ASK, "login", NUMBER, "083 555 0199"),
        (ASK, "login", "anna@example.org", "nobody@example.org"),
        ("/en/accounts/password/reset/", "email", "anna@example.org", "nobody@example.org"),
    ],
)
def test_known_and_unknown_addresses_give_the_queue_the_same_to_do(
    queued: list[str],  # noqa: F811
    path: str,
    field: str,
    known: str,
    unknown: str,
) -> None:
    patient(email="anna@example.org")
    for address in (known, unknown):
        assert Client().post(path, {field: address}).status_code == 302
    assert len(queued) == 2
    assert len(Phones.sent) + len(mail.outbox) == 1


def test_a_message_cannot_be_read_in_the_queue(client: Client, queued: list[str]) -> None:  # noqa: F811
    patient()
    ask(client, NUMBER)
    code = code_in(Phones.sent[0].body)
    assert code not in queued[0]
    assert NUMBER[1:] not in queued[0]


def test_an_inactive_user_gets_no_code(client: Client) -> None:
    patient(is_active=False)
    assert ask(client, NUMBER)["Location"] == CONFIRM
    assert Phones.sent == []


def test_five_wrong_codes_end_it(client: Client) -> None:
    patient()
    ask(client, NUMBER)
    right = code_in(Phones.sent[0].body)
    wrong = "000000" if right != "000000" else "111111"
    for _ in range(4):
        assert client.post(CONFIRM, {"code": wrong}).status_code == 200
    assert client.post(CONFIRM, {"code": wrong})["Location"] == ASK
    client.post(CONFIRM, {"code": right})
    assert signed_in(client) is None


def test_many_guesses_at_once_are_counted_one_by_one(client: Client) -> None:
    """As if each began before another's count was written into the session."""
    patient()
    ask(client, NUMBER)
    right = code_in(Phones.sent[0].body)
    session = client.session
    as_it_was = dict(session.items())
    for _ in range(20):
        client.post(CONFIRM, {"code": "x"})
        session.update(as_it_was)
        session.save()
    client.post(CONFIRM, {"code": right})
    assert signed_in(client) is None


def test_a_code_works_ten_minutes(client: Client) -> None:
    patient()
    with time_machine.travel(time.time(), tick=False) as clock:
        ask(client, NUMBER)
        clock.shift(timedelta(minutes=10, seconds=1))
        answer = client.post(CONFIRM, {"code": code_in(Phones.sent[0].body)})
        assert answer["Location"] == ASK
    assert signed_in(client) is None


def test_a_code_works_once(client: Client) -> None:
    patient()
    ask(client, NUMBER)
    code = code_in(Phones.sent[0].body)
    client.post(CONFIRM, {"code": code})
    client.logout()
    assert client.post(CONFIRM, {"code": code})["Location"] == ASK
    assert signed_in(client) is None


def test_a_new_code_is_the_only_one_that_works(client: Client) -> None:
    johannes = patient()
    ask(client, NUMBER)
    ask(client, NUMBER)
    first, second = (code_in(sms.body) for sms in Phones.sent)
    client.post(CONFIRM, {"code": first})
    assert signed_in(client) is None or first == second
    client.post(CONFIRM, {"code": second})
    assert signed_in(client) == str(johannes.pk)


@pytest.mark.parametrize("known", [True, False])
def test_an_address_gets_three_codes_in_15_minutes_and_ten_a_day(client: Client, known: bool) -> None:
    if known:
        patient()
    with time_machine.travel(time.time(), tick=False) as clock:
        for _ in range(3):
            assert ask(Client(), NUMBER).status_code == 302
        refused = ask(Client(), NUMBER)
        assert refused.status_code == 200
        assert "Too many tries" in refused.content.decode()
        sent = 3
        for _ in range(10):
            clock.shift(timedelta(minutes=16))
            sent += ask(Client(), NUMBER).status_code == 302
        assert sent == 10
    assert len(Phones.sent) == (10 if known else 0)


def test_staff_with_a_second_step_are_asked_for_it(client: Client) -> None:
    sister = UserFactory(email=None, phone=NUMBER)
    StaffRoleFactory(user=sister)
    Authenticator.objects.create(user=sister, type=Authenticator.Type.TOTP, data={"secret": "x"})
    ask(client, NUMBER)
    answer = client.post(CONFIRM, {"code": code_in(Phones.sent[0].body)})
    assert answer["Location"].startswith("/en/accounts/2fa/authenticate/")
    assert signed_in(client) is None


@pytest.mark.parametrize("kind", ["phone", "email"])
def test_signing_in_with_a_code_confirms_the_address(client: Client, kind: str) -> None:
    addresses = {"email": "anna@example.org", "phone": NUMBER}
    anna = UserFactory(**addresses, email_verified_at=None, phone_verified_at=None)
    ask(client, addresses[kind])
    text = Phones.sent[0].body if kind == "phone" else mail.outbox[0].body.split("Open in")[0]
    client.post(CONFIRM, {"code": code_in(text)})
    anna.refresh_from_db()
    assert (anna.phone_verified_at is not None) == (kind == "phone")
    assert (anna.email_verified_at is not None) == (kind == "email")


def test_a_password_alone_confirms_nothing(client: Client) -> None:
    anna = UserFactory(email="anna@example.org", email_verified_at=None)
    client.post("/en/accounts/login/", {"login": "anna@example.org", "password": "a-long-and-quiet-word"})
    anna.refresh_from_db()
    assert signed_in(client) == str(anna.pk)
    assert anna.email_verified_at is None


@pytest.mark.parametrize("login", ["", "nonsense", "12", "a@b", "\x00"])
def test_an_impossible_address_shows_an_error(client: Client, login: str) -> None:
    answer = ask(client, login)
    assert answer.status_code == 200
    assert "nhsuk-error-message" in answer.content.decode()


def test_the_sign_in_page_offers_it(client: Client) -> None:
    page = client.get("/en/accounts/login/").content.decode()
    assert "Sign in with a code" in page
    assert f'href="{ASK}"' in page
    assert "to your phone or your e-mail" in client.get(ASK).content.decode()


def test_without_sms_it_offers_e_mail_only(client: Client, settings: Any) -> None:
    settings.NOTIFICATION_CHANNELS = ["notifications.channels.email.channel.EmailChannel"]
    page = client.get(ASK).content.decode()
    assert "a six-digit code to your e-mail" in page
    assert "to your phone" not in page


def test_a_message_is_tried_again_for_five_minutes_unless_the_number_is_impossible(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    message = TransactionalMessage("sms", NUMBER, "", "Hello", "en", "http://localhost/")
    later: list[Any] = []
    monkeypatch.setattr(queue, "send_transactional", REAL)
    monkeypatch.setattr(REAL, "schedule", lambda args, delay: later.append(args))
    for permanent in (False, True):

        def refuse(message: Any, permanent: bool = permanent) -> None:
            raise ChannelError("Refused.", permanent=permanent)

        Phones.on_send = staticmethod(refuse)  # type: ignore[assignment]
        REAL.call_local(encrypt(message))
        assert len(later) == 1, "for the first error, and not for the second"
    [(encrypted,)] = later
    assert decrypt(encrypted, life=queue.LIFE) == message
    with time_machine.travel(timezone.now() + queue.LIFE + timedelta(seconds=2)):
        assert decrypt(encrypted, life=queue.LIFE) is None


def test_a_channel_sends_one_message_at_a_time_and_the_others_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def meanwhile(sending: Any) -> None:
        Phones.on_send = None
        REAL.call_local(encrypt(replace(message, address="+27825550143")))
        REAL.call_local(encrypt(replace(message, channel="email", address="thandi@example.org")))
        assert Phones.sent == []

    later: list[tuple[Any, float]] = []
    message = TransactionalMessage("sms", NUMBER, "", "Hello", "en", "http://localhost/")
    monkeypatch.setattr(queue, "send_transactional", REAL)
    monkeypatch.setattr(REAL, "schedule", lambda args, delay: later.append((args, delay)))
    Phones.on_send = staticmethod(meanwhile)  # type: ignore[assignment]
    REAL.call_local(encrypt(message))
    assert [sent.address for sent in Phones.sent] == [NUMBER]
    assert len(mail.outbox) == 1, "other channels are none of its business"
    [((encrypted,), delay)] = later
    assert delay == queue.BUSY_DELAY
    REAL.call_local(encrypted)
    assert [sent.address for sent in Phones.sent] == [NUMBER, "+27825550143"]


def test_without_the_queue_a_code_is_sent_all_the_same(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient()

    def away(*args: Any, **kwargs: Any) -> None:
        raise ConnectionError("Redis is away")

    monkeypatch.setattr(queue, "send_transactional", REAL)
    monkeypatch.setattr(REAL.huey, "enqueue", away)
    ask(client, NUMBER)
    assert len(Phones.sent) == 1


def test_codes_are_six_digits() -> None:
    assert settings.ACCOUNT_LOGIN_BY_CODE_FORMAT == {"numeric": True, "length": 6, "dashed": False}
