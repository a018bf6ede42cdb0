"""Verifying and changing a contact by a code, which can't be guessed; the old contact gets a message."""

import re
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from home.contact_verification.contacts import address_confirm, address_followed
from home.models import User
from home.transactional.codes import new_code
from notifications.exceptions import ChannelError
from notifications.models import Delivery, Notification, NotificationPreferences
from notifications.pipeline.compose import compose
from notifications.types import Message, Recipient
from tests.factories import UserFactory
from tests.home.sign_in.steps import asked
from tests.home.transactional import Phones, phones, queued  # noqa: F401 - fixtures
from tests.notifications.factories import DeliveryFactory
from tests.notifications.rules.examples import event_type

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones", "queued")]
OLD, NEW = "+27825550142", "+27835550117"
EMAIL, PHONE = "/en/preferences/reach/email/", "/en/preferences/reach/phone/"


@pytest.fixture(autouse=True)
def _nobody_counted() -> None:
    cache.clear()


@pytest.fixture
def anna() -> User:
    return UserFactory(email="anna@example.org", phone=OLD, email_verified_at=None, phone_verified_at=None)


@pytest.fixture
def reader(client: Client, anna: User) -> Client:
    client.force_login(anna)
    return asked(client, anna)


def six_digits(text: str) -> str:
    [code] = re.findall(r"\b\d{6}\b", text.split("Open in")[0])
    return code


def last_code() -> str:
    return six_digits(Phones.sent[-1].body)


def on_commit(callbacks: Callable[..., Any]) -> Any:
    return callbacks(execute=True)


def test_the_current_number_is_verified_by_the_code_sent_to_it(reader: Client, anna: User) -> None:
    assert reader.post(PHONE, {"phone": "082 555 0142"})["Location"] == f"{PHONE}code/"
    [sms] = Phones.sent
    assert sms.address == OLD
    anna.refresh_from_db()
    assert anna.phone_verified_at is None
    assert reader.post(f"{PHONE}code/", {"code": last_code()})["Location"] == "/en/preferences/#reach"
    anna.refresh_from_db()
    assert anna.phone_verified_at is not None
    assert not Notification.objects.exists()


def test_an_e_mail_address_too(reader: Client, anna: User) -> None:
    reader.post(EMAIL, {"email": "Anna@Example.org"})
    [message] = mail.outbox
    reader.post(f"{EMAIL}code/", {"code": six_digits(message.body)})
    anna.refresh_from_db()
    assert anna.email_verified_at is not None


def test_a_new_number_counts_only_after_its_code_and_the_old_one_gets_a_message(
    reader: Client, anna: User, django_capture_on_commit_callbacks: Any
) -> None:
    reader.post(PHONE, {"phone": NEW})
    anna.refresh_from_db()
    assert str(anna.phone) == OLD
    assert [sms.address for sms in Phones.sent] == [NEW]
    with on_commit(django_capture_on_commit_callbacks):
        reader.post(f"{PHONE}code/", {"code": last_code()})
    anna.refresh_from_db()
    assert str(anna.phone) == NEW
    assert anna.phone_verified_at is not None
    assert [sms.address for sms in Phones.sent] == [NEW, OLD]
    assert "no longer come here" in Phones.sent[-1].body
    assert NEW not in Phones.sent[-1].body
    [told] = Notification.objects.filter(recipient=anna)
    assert told.title == "Your phone number was changed"


def test_waiting_messages_go_to_the_new_number(anna: User) -> None:
    waiting = DeliveryFactory(notification__recipient=anna, channel="sms", address=OLD)
    gone = DeliveryFactory(
        notification__recipient=anna, channel="sms", address=OLD, finished_at=timezone.now(), state="sent"
    )
    others = DeliveryFactory(channel="sms", address=OLD)
    address_confirm(user_id=anna.pk, kind="phone", address=NEW, now=timezone.now())
    assert [Delivery.objects.get(pk=each.pk).address for each in (waiting, gone, others)] == [NEW, OLD, OLD]


def test_a_number_of_somebody_else_gets_the_same_answer_and_its_owner_a_message(
    reader: Client, anna: User
) -> None:
    UserFactory(email=None, phone=NEW)
    assert reader.post(PHONE, {"phone": NEW})["Location"] == f"{PHONE}code/"
    [sms] = Phones.sent
    assert "another account" in sms.body
    assert not re.search(r"\d{6}", sms.body)
    for code in ("", "no code", "000000", "123456"):
        assert reader.post(f"{PHONE}code/", {"code": code}).status_code == 200
    anna.refresh_from_db()
    assert str(anna.phone) == OLD


def test_a_number_that_was_taken_meanwhile_cannot_be_confirmed(reader: Client, anna: User) -> None:
    reader.post(PHONE, {"phone": NEW})
    UserFactory(email=None, phone=NEW)
    answer = reader.post(f"{PHONE}code/", {"code": last_code()}, follow=True)
    assert "belongs to another account" in answer.content.decode()
    with pytest.raises(ValidationError):
        address_confirm(user_id=anna.pk, kind="phone", address=NEW, now=timezone.now())


def test_five_wrong_codes_end_it(reader: Client, anna: User) -> None:
    reader.post(PHONE, {"phone": NEW})
    right = last_code()
    for _ in range(4):
        answer = reader.post(f"{PHONE}code/", {"code": "no"})
        assert "That code is wrong" in answer.content.decode()
    assert reader.post(f"{PHONE}code/", {"code": "no"})["Location"] == PHONE
    reader.post(f"{PHONE}code/", {"code": right})
    anna.refresh_from_db()
    assert str(anna.phone) == OLD


@pytest.mark.parametrize("typed", ["²²²²²²", "١٢٣٤٥٦", "💊", "\x00"])
def test_digits_of_other_scripts_are_a_wrong_code(reader: Client, typed: str) -> None:
    reader.post(PHONE, {"phone": NEW})
    assert reader.post(f"{PHONE}code/", {"code": typed}).status_code == 200


def test_guesses_are_also_counted_beside_the_session(reader: Client, anna: User) -> None:
    reader.post(PHONE, {"phone": NEW})
    session = reader.session
    as_it_was = dict(session.items())
    for _ in range(20):
        reader.post(f"{PHONE}code/", {"code": "no"})
        session.update(as_it_was)
        session.save()
    answer = reader.post(f"{PHONE}code/", {"code": last_code()})
    assert "Too many tries" in answer.content.decode()


def test_a_code_works_for_ten_minutes_and_for_its_own_kind_of_address(reader: Client, anna: User) -> None:
    with time_machine.travel(time.time(), tick=False) as clock:
        reader.post(PHONE, {"phone": NEW})
        assert reader.post(f"{EMAIL}code/", {"code": last_code()})["Location"] == EMAIL
        clock.shift(timedelta(minutes=10, seconds=1))
        answer = reader.post(f"{PHONE}code/", {"code": last_code()}, follow=True)
        assert "no longer works" in answer.content.decode()
    anna.refresh_from_db()
    assert str(anna.phone) == OLD


def test_one_persons_code_is_of_no_use_to_another(reader: Client, anna: User) -> None:
    reader.post(PHONE, {"phone": NEW})
    stranger = Client()
    stranger.force_login(UserFactory())
    assert stranger.post(f"{PHONE}code/", {"code": last_code()})["Location"] == PHONE


def test_a_person_has_five_codes_sent_in_15_minutes(reader: Client) -> None:
    for _ in range(5):
        assert reader.post(PHONE, {"phone": NEW}).status_code == 302
    refused = reader.post(PHONE, {"phone": NEW})
    assert "Too many tries" in refused.content.decode()
    assert len(Phones.sent) == 5


@pytest.mark.parametrize(
    ("permanent", "words"),
    [(True, "Please check that it is right"), (False, "Please try again in a minute")],
)
def test_a_code_that_cannot_be_sent_shows_an_error(reader: Client, permanent: bool, words: str) -> None:
    def refuse(message: Message) -> None:
        raise ChannelError("no", permanent=permanent)

    Phones.on_send = staticmethod(refuse)  # type: ignore[assignment]
    assert words in reader.post(PHONE, {"phone": NEW}).content.decode()
    assert reader.get(f"{PHONE}code/")["Location"] == PHONE


@pytest.mark.parametrize("path", [EMAIL, PHONE, f"{EMAIL}code/", f"{PHONE}code/"])
def test_strangers_are_asked_to_sign_in(client: Client, path: str) -> None:
    for answer in (client.get(path), client.post(path, {"email": "x@example.org"})):
        assert answer["Location"].startswith("/en/accounts/login/")


def test_other_kinds_of_address_are_not_there_nor_numbers_without_sms(reader: Client, settings: Any) -> None:
    assert reader.get("/en/preferences/reach/pigeon/").status_code == 404
    settings.NOTIFICATION_CHANNELS = ["notifications.channels.email.channel.EmailChannel"]
    assert reader.get(PHONE).status_code == 404
    assert reader.get(EMAIL).status_code == 200


def test_codes_come_in_the_persons_language(reader: Client, anna: User) -> None:
    NotificationPreferences.objects.create(user=anna, language="af")
    reader.post(PHONE, {"phone": NEW})
    assert "u MedGuard-kode" in Phones.sent[0].body


def test_codes_are_six_digits_from_a_good_source() -> None:
    codes = {new_code() for _ in range(200)}
    assert len(codes) > 190
    assert all(re.fullmatch(r"\d{6}", code) for code in codes)


@pytest.mark.parametrize("clinical", [True, False])
def test_nothing_clinical_is_sent_to_an_unverified_address(anna: User, clinical: bool) -> None:
    kind = event_type(clinical=clinical, channels={"in_app": True, "email": True})
    values = {"name": "Anna", "medicine": "Metformin", "until": ""}

    def channels() -> list[str]:
        recipient = Recipient(None, anna.pk, values, "1")
        [message] = compose(kind, [recipient], now=timezone.now())
        return [delivery.channel for delivery in message.deliveries]

    assert channels() == ([] if clinical else ["email"])
    address_confirm(user_id=anna.pk, kind="email", address="anna@example.org", now=timezone.now())
    assert channels() == ["email"]


@pytest.mark.parametrize("channel", ["sms", "whatsapp", "voice"])
def test_whatever_goes_to_the_number_follows_it(channel: str) -> None:
    user = UserFactory(phone=NEW)
    waiting = DeliveryFactory(channel=channel, notification__recipient=user, address=OLD)
    address_followed(user=user, kind="phone", before=OLD)
    waiting.refresh_from_db()
    assert waiting.address == NEW
