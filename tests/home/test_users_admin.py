"""Head office writes addresses down; whose they are is for the person to show."""

import re
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from home.models import User
from notifications.models import Delivery
from notifications.preferences.settings import preferences_update
from tests.factories import PASSWORD, UserFactory
from tests.home.conftest import Cast
from tests.home.sign_in.steps import asked
from tests.home.transactional import Phones, phones, queued  # noqa: F401 - fixtures
from tests.notifications.factories import DeliveryFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nobody_counted() -> None:
    cache.clear()


def asking(client: Client, cast: Cast) -> None:
    client.force_login(cast.head_office)
    asked(client, cast.head_office)


def data(user: User, **changes: Any) -> dict[str, Any]:
    names = {"first_name": user.first_name, "last_name": user.last_name}
    return {**names, "email": user.email or "", "phone": str(user.phone or ""), "is_active": "on", **changes}


def test_another_address_has_to_be_confirmed_and_the_same_stays_so(client: Client, cast: Cast) -> None:
    asking(client, cast)
    anna = UserFactory(email="anna.b@example.org", phone="0821234567")
    path = f"/admin/users/edit/{anna.pk}/"
    assert client.post(path, data(anna, first_name="Annie")).status_code == 302
    anna.refresh_from_db()
    assert anna.first_name == "Annie"
    assert anna.email_verified_at is not None
    assert anna.phone_verified_at is not None
    assert client.post(path, data(anna, phone="083 123 4567")).status_code == 302
    anna.refresh_from_db()
    assert str(anna.phone) == "+27831234567"
    assert anna.phone_verified_at is None
    assert anna.email_verified_at is not None


@pytest.mark.parametrize(("typed", "waits_for"), [("083 123 4567", "+27831234567"), ("", "")])
def test_waiting_messages_no_longer_go_to_the_old_number(
    client: Client, cast: Cast, typed: str, waits_for: str
) -> None:
    asking(client, cast)
    anna = UserFactory(email="anna.b@example.org", phone="0821234567")
    to_anna = {"notification__recipient": anna, "channel": "sms", "address": "+27821234567"}
    waiting = DeliveryFactory(**to_anna)
    gone = DeliveryFactory(**to_anna, finished_at=timezone.now(), state=Delivery.State.SENT)
    client.post(f"/admin/users/edit/{anna.pk}/", data(anna, phone=typed))
    waiting.refresh_from_db()
    gone.refresh_from_db()
    assert (waiting.address, gone.address) == (waits_for, "+27821234567")


NEW = {
    "first_name": "Sipho",
    "last_name": "Nkosi",
    "email": "sipho@example.org",
    "phone": "",
    "is_active": "on",
}
WORD = "another-quiet-word"


def link() -> str:
    [path] = set(re.findall(r"http://localhost:8000(/\w\w/accounts/password/reset/key/\S+)", _last().body))
    return path


def _last() -> mail.EmailMessage:
    return mail.outbox[-1]


@pytest.mark.usefixtures("queued")
def test_whoever_gets_an_account_chooses_the_password_and_verifies_the_address_by_it(
    client: Client, cast: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    asking(client, cast)
    page = client.get("/admin/users/new/").content.decode()
    assert 'type="password"' not in page
    typed = {**NEW, "password1": WORD, "password2": WORD}
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post("/admin/users/new/", typed).status_code == 302
    sipho = User.objects.get(email="sipho@example.org")
    assert not sipho.has_usable_password()
    assert sipho.email_verified_at is None
    assert _last().to == ["sipho@example.org"]
    visitor, address = Client(), link()
    key_page = visitor.get(address, follow=True)
    assert "Choose a new password" in key_page.content.decode()
    visitor.post(key_page.request["PATH_INFO"], {"password1": WORD, "password2": WORD})
    sipho.refresh_from_db()
    assert sipho.check_password(WORD)
    assert sipho.email_verified_at is not None
    assert "no longer works" in Client().get(address, follow=True).content.decode()


@pytest.mark.usefixtures("queued")
def test_without_an_e_mail_address_nothing_is_sent_and_head_office_is_told_how_they_sign_in(
    client: Client, cast: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    asking(client, cast)
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/admin/users/new/", {**NEW, "email": "", "phone": "082 123 4567"}, follow=True)
    assert "signs in with a code by SMS" in answer.content.decode()
    assert not mail.outbox
    assert not User.objects.get(phone="+27821234567").has_usable_password()


@pytest.mark.usefixtures("queued")
@pytest.mark.parametrize(("language", "subject"), [("en", "Choose your password"), ("af", "Kies u wagwoord")])
def test_a_link_is_sent_in_the_persons_language_and_their_password_works_until_they_use_it(
    client: Client, cast: Cast, language: str, subject: str, django_capture_on_commit_callbacks: Any
) -> None:
    asking(client, cast)
    preferences_update(user_id=cast.anna.pk, changes={"language": language}, now=timezone.now())
    path = f"/admin/users/{cast.anna.pk}/password-link/"
    assert f'formaction="{path}"' in client.get(f"/admin/users/edit/{cast.anna.pk}/").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(path, {"email": "thief@example.org", "password1": WORD, "password2": WORD})
    cast.anna.refresh_from_db()
    assert cast.anna.check_password(PASSWORD)
    assert cast.anna.email == "anna@example.org"
    assert (_last().to, _last().subject) == (["anna@example.org"], subject)
    assert link().startswith(f"/{language}/")


def test_links_are_head_offices_to_send_and_not_without_end(client: Client, cast: Cast) -> None:
    path = f"/admin/users/{cast.anna.pk}/password-link/"
    client.force_login(cast.manager)
    assert client.post(path)["Location"] == "/admin/"
    client.force_login(cast.head_office)
    assert client.post(path)["Location"] == path
    assert client.get(path)["Location"].startswith("/en/accounts/reauthenticate/")
    asked(client, cast.head_office)
    for _time in range(4):
        answer = client.post(path, follow=True)
    assert "Wait a while" in answer.content.decode()
    cast.anna.is_active = False
    cast.anna.save()
    assert client.post(path).status_code == 404


def test_addresses_of_a_user_made_in_code_count_as_verified() -> None:
    sipho = User.objects.create_user(email="sipho@example.org")
    assert sipho.email_verified_at is not None
    assert sipho.phone_verified_at is None
    unsure = User.objects.create_user(email="anna@example.org", email_verified_at=None)
    assert unsure.email_verified_at is None
    assert sipho.email_verified_at <= timezone.now()


def test_head_office_is_asked_anew_before_it_changes_a_way_in(client: Client, cast: Cast) -> None:
    client.force_login(cast.head_office)
    path, ask = (
        f"/admin/users/edit/{cast.anna.pk}/",
        "/en/accounts/reauthenticate/?next=%2Fadmin%2Fusers%2Fedit%2F",
    )
    assert client.get(path)["Location"] == f"{ask}{cast.anna.pk}%2F"
    word = "another-quiet-word"
    new = data(cast.anna, email="thief@example.org", password1=word, password2=word)
    assert client.post(path, new)["Location"] == path
    cast.anna.refresh_from_db()
    assert cast.anna.email == "anna@example.org"
    assert not cast.anna.check_password(word)
    assert word not in str(dict(client.session.items()))


@pytest.mark.usefixtures("phones", "queued")
def test_a_person_is_told_at_the_old_address_of_what_head_office_changed(
    client: Client, cast: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    asking(client, cast)
    typed = {"password1": WORD, "password2": WORD}
    new = data(cast.anna, email="anna.new@example.org", phone="0821234567", **typed)
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(f"/admin/users/edit/{cast.anna.pk}/", new).status_code == 302
    cast.anna.refresh_from_db()
    assert cast.anna.check_password(PASSWORD)
    assert {message.to[0] for message in mail.outbox if "elsewhere" in message.subject} == {
        "anna@example.org"
    }
    assert "anna.new@example.org" not in str([message.body for message in mail.outbox])


def test_staffs_own_page_changes_no_password(client: Client, cast: Cast) -> None:
    client.force_login(cast.nurse)
    page = client.get("/admin/account/").content.decode()
    assert "old_password" not in page
