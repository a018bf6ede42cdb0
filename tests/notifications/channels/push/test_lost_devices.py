"""A device that its push service refuses for days is forgotten, and its owner asked to turn notices on again."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from home.models import User
from notifications.channels.push.lost_devices import REFUSED_FOR
from notifications.models import Notification, NotificationPreferences, PushSubscription
from notifications.periodic_tasks import forget_lost_devices
from notifications.pipeline.deliver import deliver
from tests.factories import UserFactory
from tests.notifications.channels.push.conftest import Subscribed, row
from tests.notifications.channels.push.push_service import Browser
from tests.notifications.conftest import NOW
from tests.notifications.factories import DeliveryFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def sends(clock: Any) -> Any:
    """Sends each of these people something by push, so long after NOW."""

    def send(after: timedelta, *users: User) -> None:
        clock.move_to(NOW + after)
        for user in users:
            DeliveryFactory(
                notification__recipient=user, channel="push", address=str(user.pk), due_at=NOW + after
            )
        while deliver("push", now=NOW + after).taken:
            pass

    return send


def asked() -> list[tuple[int, str]]:
    """Who was asked to turn notices on again, in which words."""
    rows = Notification.objects.filter(title__in=TITLES).order_by("id")
    return list(rows.values_list("recipient_id", "title"))


TITLES = ("Turn notifications on again", "Skakel kennisgewings weer aan")


def here(browser: Browser) -> bool:
    return row(browser) is not None


def run(at: timedelta) -> str:
    return str(forget_lost_devices(NOW + at))


@pytest.mark.parametrize("status", [400, 401, 403])
def test_one_that_is_refused_for_days_goes_and_its_owner_is_asked_once(
    subscribed: Subscribed, thandi: User, sends: Any, status: int
) -> None:
    NotificationPreferences.objects.create(user=thandi, language="af")
    phone = subscribed("phone", status=status)
    sends(timedelta(0), thandi)
    sends(timedelta(days=2), thandi)
    assert run(timedelta(days=2)) == "0 forgotten" and here(phone)
    sends(REFUSED_FOR, thandi)
    assert run(REFUSED_FOR) == "1 forgotten" and not here(phone)
    assert run(REFUSED_FOR + timedelta(days=1)) == "0 forgotten"
    assert asked() == [(thandi.pk, TITLES[1])]
    [message] = Notification.objects.filter(title=TITLES[1])
    assert message.in_inbox and not message.deliveries.exists()


def test_one_that_takes_something_in_between_stays(subscribed: Subscribed, thandi: User, sends: Any) -> None:
    phone = subscribed("phone", status=403)
    sends(timedelta(0), thandi)
    phone.status = 201
    sends(timedelta(days=1), thandi)
    phone.status = 403
    sends(timedelta(days=2), thandi)
    sends(timedelta(days=4), thandi)
    run(timedelta(days=4))
    assert here(phone)


def test_one_refusal_long_ago_is_no_more_than_that(subscribed: Subscribed, thandi: User, sends: Any) -> None:
    phone = subscribed("phone", status=400)
    sends(timedelta(0), thandi)
    run(timedelta(days=30))
    assert here(phone)


@pytest.mark.parametrize("status", [413, 429, 500, 503])
def test_a_service_that_is_busy_or_a_message_that_is_too_long_says_nothing_of_the_device(
    subscribed: Subscribed, thandi: User, sends: Any, status: int
) -> None:
    phone = subscribed("phone", status=status)
    for days in (0, 2, 4):
        sends(timedelta(days=days), thandi)
    run(timedelta(days=4))
    assert here(phone) and row(phone).failures


def test_when_a_service_refuses_everybody_the_fault_is_ours(subscribed: Subscribed, sends: Any) -> None:
    """As when the address that we sign with is wrong: turning notices on again would not help anybody."""
    users = UserFactory.create_batch(3)
    phones = [subscribed(f"phone-{user.pk}", user=user, status=403) for user in users]
    for days in (0, 2, 4):
        sends(timedelta(days=days), *users)
    run(timedelta(days=4))
    assert all(here(phone) for phone in phones) and asked() == []
    phones[0].status = 201
    sends(timedelta(days=5), *users)
    run(timedelta(days=5))
    assert [here(phone) for phone in phones] == [True, False, False]
    assert [user_id for user_id, _title in asked()] == [user.pk for user in users[1:]]


def test_one_that_can_not_be_read_takes_no_others_along(
    subscribed: Subscribed, thandi: User, sends: Any
) -> None:
    phone, tablet = subscribed("phone", status=403), subscribed("tablet")
    for days in (0, 2, 4):
        sends(timedelta(days=days), thandi)
    broken = PushSubscription.objects.create(
        user=thandi, endpoint="x", created_at=NOW, failing_since=NOW, refused_at=NOW + timedelta(days=4)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE notifications_pushsubscription SET endpoint = %s WHERE id = %s",
            ["enc1:00000000:AAAA", broken.pk],
        )
    run(timedelta(days=4))
    assert (here(phone), here(tablet)) == (False, True)
    assert PushSubscription.objects.filter(pk=broken.pk).exists()


def test_devices_of_nobody_just_go(subscribed: Subscribed, thandi: User, sends: Any) -> None:
    phone = subscribed("phone", status=403)
    for days in (0, 4):
        sends(timedelta(days=days), thandi)
    User.objects.filter(pk=thandi.pk).update(is_active=False)
    assert run(timedelta(days=4)) == "1 forgotten"
    assert not here(phone) and asked() == []


def test_it_costs_the_same_queries_however_many_there_are(
    subscribed: Subscribed, sends: Any, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    users = UserFactory.create_batch(12)
    for user in users:
        subscribed(f"phone-{user.pk}", user=user, status=403)
    subscribed(f"tablet-{users[0].pk}", user=users[0])
    for days in (0, 2, 4):
        sends(timedelta(days=days), *users)
    with django_assert_max_num_queries(30):
        assert run(timedelta(days=4)) == "12 forgotten"
