"""Head office writes addresses down; whose they are is for the person to show."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from home.models import User
from notifications.models import Delivery
from tests.factories import UserFactory
from tests.home.conftest import Cast
from tests.notifications.factories import DeliveryFactory

pytestmark = pytest.mark.django_db


def data(user: User, **changes: Any) -> dict[str, Any]:
    names = {"first_name": user.first_name, "last_name": user.last_name}
    return {**names, "email": user.email or "", "phone": str(user.phone or ""), "is_active": "on", **changes}


def test_another_address_has_to_be_confirmed_and_the_same_stays_so(client: Client, cast: Cast) -> None:
    client.force_login(cast.head_office)
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
    client.force_login(cast.head_office)
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
