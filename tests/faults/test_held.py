"""What was held for somebody is one message, whoever dies over it and however many send."""

from collections import Counter

from django.utils import timezone

from home.models import User
from notifications.models import Delivery
from notifications.types import Lane
from tests.faults.cast import mail_is_sent, people
from tests.faults.smtp_server import SmtpServer, addresses
from tests.faults.stack import Site, wait_until
from tests.notifications.factories import DeliveryFactory


def _held(users: list[User], each: int) -> None:
    for user in users:
        for _ in range(each):
            DeliveryFactory(notification__recipient=user, channel="email", address=user.email, lane=Lane.HELD)


def _messages_of_each() -> set[tuple[int, int]]:
    """How many messages somebody's deliveries became, and how many of those one was: all such pairs there are."""
    sizes = Counter(Delivery.objects.values_list("notification__recipient_id", "provider_id"))
    messages = Counter(user_id for user_id, _name in sizes)
    return {(messages[user_id], size) for (user_id, _name), size in sizes.items()}


def _workers() -> set[str]:
    """The processes that hold something."""
    owners = Delivery.objects.exclude(lease_owner="").values_list("lease_owner", flat=True)
    return {owner.rpartition(":")[0] for owner in owners}


def test_a_digest_whose_sender_is_killed_comes_as_the_same_digest(
    site: Site, smtp_server: SmtpServer
) -> None:
    users = people(4)
    _held(users, 3)
    consumer = site.start_consumer(lease=60.0)
    smtp_server.when_taken = lambda mail: consumer.kill()
    wait_until(lambda: consumer.poll() is not None, what="the consumer dies")
    smtp_server.when_taken = None
    # When its lease is over there is news for all of them, which must not be lost in a copy of what they have already.
    _held(users, 1)
    Delivery.objects.filter(lease_until__isnull=False).update(lease_until=timezone.now())

    site.start_consumer()

    wait_until(lambda: mail_is_sent(16), what="all is sent")
    assert smtp_server.addressees() == addresses(users + users)
    assert len(smtp_server.copies()) == 1
    assert _messages_of_each() == {(2, 3), (2, 1)}


def test_of_two_consumers_each_person_gets_one_digest(site: Site, smtp_server: SmtpServer) -> None:
    users = people(40)
    _held(users, 3)
    smtp_server.holds = True
    for _ in range(2):
        site.start_consumer(lease=60.0, timeout=60.0)
    wait_until(lambda: len(_workers()) == 2, what="both are at work")
    smtp_server.holds = False
    wait_until(lambda: mail_is_sent(120), what="all is sent")
    assert smtp_server.addressees() == addresses(users)
    assert smtp_server.copies() == []
    assert _messages_of_each() == {(1, 3)}
