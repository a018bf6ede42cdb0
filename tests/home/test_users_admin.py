"""Head office writes addresses down; whose they are is for the person to show."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from home.models import User
from notifications.models import Delivery
from tests.factories import UserFactory
from tests.home.conftest import Cast
from tests.home.sign_in.steps import asked
from tests.home.transactional import Phones, phones, queued  # noqa: F401 - fixtures
from tests.notifications.factories import DeliveryFactory

pytestmark = pytest.mark.django_db


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


def test_addresses_entered_by_head_office_are_not_verified(client: Client, cast: Cast) -> None:
    client.force_login(cast.head_office)
    new = {"first_name": "Sipho", "last_name": "Nkosi", "email": "sipho@example.org", "phone": ""}
    password = "a-long-and-quiet-word"
    client.post("/admin/users/new/", {**new, "password1": password, "password2": password, "is_active": "on"})
    assert User.objects.get(email="sipho@example.org").email_verified_at is None


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
    word = "another-quiet-word"
    new = data(cast.anna, email="anna.new@example.org", phone="0821234567", password1=word, password2=word)
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(f"/admin/users/edit/{cast.anna.pk}/", new).status_code == 302
    cast.anna.refresh_from_db()
    assert cast.anna.check_password(word)
    assert {message.to[0] for message in mail.outbox if "elsewhere" in message.subject} == {
        "anna@example.org"
    }
    said = [message.body for message in mail.outbox if message.to == ["anna@example.org"]]
    assert any("Your MedGuard password was changed." in body for body in said)
    assert not any(word in message.body for message in mail.outbox)
    assert "anna.new@example.org" not in str([message.body for message in mail.outbox])


def test_staffs_own_page_changes_no_password(client: Client, cast: Cast) -> None:
    client.force_login(cast.nurse)
    page = client.get("/admin/account/").content.decode()
    assert "old_password" not in page
