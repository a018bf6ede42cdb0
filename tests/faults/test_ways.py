"""WhatsApp and calls whose provider goes, refuses or loses its sender: the plan goes on, and nobody is told twice."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone
from pytest_django import Settings

from home.models import User
from medications.periodic_tasks import remind_of_doses
from notifications.models import Delivery, NotificationPreferences, RoutingPlan, SmsProvider
from notifications.types import Reason
from tests.faults.cast import people, with_a_dose
from tests.faults.providers import ON_TIME, Providers, numbers
from tests.faults.stack import Process, Site, wait_until
from tests.notifications.channels.counterpart import Answer, twilio_refuses
from tests.notifications.channels.voice import providers as calls
from tests.notifications.channels.voice.conftest import server, voice  # noqa: F401 - fixtures
from tests.notifications.channels.whatsapp import provider as texts
from tests.notifications.channels.whatsapp.conftest import approve, whatsapp  # noqa: F401 - fixtures

State = Delivery.State
MINUTE = timedelta(minutes=1)
MINUTES = 5
"""That the SMS waits for the way before it."""
RETRY = 30.0
"""Seconds after which a consumer would try again what failed: no test waits for that."""
HANDED_OVER = (
    *("NOTIFICATION_CHANNELS", "BASE_URL", "TWILIO_URL", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"),
    *("WHATSAPP_PROVIDER", "WHATSAPP_URL", "WHATSAPP_API_VERSION", "WHATSAPP_PHONE_NUMBER_ID"),
    *("WHATSAPP_ACCESS_TOKEN", "WHATSAPP_TWILIO_FROM"),
    *("VOICE_PROVIDERS", "VOICE_PER_SECOND", "VOICE_TWILIO_FROM", "VOICE_AFRICASTALKING_FROM"),
    *("AFRICASTALKING_VOICE_URL", "AFRICASTALKING_USERNAME", "AFRICASTALKING_API_KEY"),
)
"""Settings that consumers are started with, beside those of SMS."""


@dataclass(frozen=True)
class Documented:
    """What a provider documents that it answers to the number, and when it has too much to do."""

    refuses: Answer
    busy: Answer


PROVIDERS = {
    ("whatsapp", "meta"): Documented(
        texts.meta_refuses(400, 131026, "Message undeliverable"),
        texts.meta_refuses(400, 130429, "Rate limit hit"),
    ),
    ("whatsapp", "twilio"): Documented(
        twilio_refuses(400, 63003, "Channel could not find To address"),
        twilio_refuses(429, 20429, "Too Many Requests"),
    ),
    ("voice", "twilio"): Documented(
        twilio_refuses(400, 21217, "Phone number does not appear to be valid"),
        twilio_refuses(429, 20429, "Too Many Requests"),
    ),
    ("voice", "africastalking"): Documented(
        calls.africastalking_says("InvalidPhoneNumber"), Answer(429, headers={"Retry-After": "30"})
    ),
}


@dataclass(frozen=True)
class Way:
    """A channel by one provider: its counterpart, and what consumers are started with."""

    channel: str
    documented: Documented
    provider: Any
    settings: dict[str, Any]
    healed: threading.Event

    def start(self, site: Site, providers: Providers, *, lease: float = 5.0) -> Process:
        return site.start_consumer(
            lease=lease, timeout=0.5, retry=RETRY, gateways=providers.sms.url, changed=self.settings
        )

    def heal(self) -> None:
        """The provider is well again, and what failed is to be tried again now."""
        self.provider.fault = None
        self.healed.set()
        now = timezone.now()
        SmsProvider.objects.filter(down_since__isnull=False).update(probe_at=now)
        Delivery.objects.filter(channel=self.channel, state=State.RETRY).update(due_at=now)

    def reached(self) -> list[str]:
        """The number of each message that the provider took."""
        forms = self.provider.sent if self.channel == "whatsapp" else self.provider.calls
        return [(form.get("to") or form["To"]).removeprefix("whatsapp:") for form in forms]

    def faults(self) -> dict[str, Callable[[object], Answer | None]]:
        return {
            "it answers 500": lambda _asked: Answer(500),
            "it has too much to do": lambda _asked: self.documented.busy,
            "it hangs": self._hang,
            "it hangs up": self._hang_up,
        }

    def _hang(self, _asked: object) -> None:
        """Takes the message, and says so only when it is well again."""
        self.healed.clear()
        self.healed.wait(30)

    def _hang_up(self, _asked: object) -> None:
        raise ConnectionAbortedError


@pytest.fixture(params=PROVIDERS, ids=" by ".join)
def way(request: pytest.FixtureRequest, settings: Settings, transactional_db: None) -> Iterator[Way]:
    """One of them, which the plan of doses names before SMS."""
    channel, name = request.param
    if channel == "whatsapp":
        counterpart = request.getfixturevalue("whatsapp")
        settings.WHATSAPP_PROVIDER, provider = name, counterpart.provider
        approve(counterpart, "medication.dose_due", "You have a reminder from your clinic.", buttons=3)
    else:
        counterpart = request.getfixturevalue("server")
        settings.VOICE_PROVIDERS, provider = [name], getattr(counterpart, name)
    RoutingPlan.objects.create(category="medication", steps=[[channel, 0], ["sms", MINUTES]])
    handed_over = {name: value for name in HANDED_OVER if (value := getattr(settings, name)) not in ("", {})}
    way = Way(channel, PROVIDERS[request.param], provider, handed_over, threading.Event())
    yield way
    way.healed.set()


def on_the_phone(count: int) -> list[User]:
    """So many people with a phone, who want to be called at any hour, and what is about medicines by e-mail at once."""
    users, known = people(count), User.objects.count()
    for number, user in enumerate(users, start=known):
        user.phone, user.phone_verified_at = f"+2782557{number:04}", timezone.now()
        user.save()
    NotificationPreferences.objects.bulk_create(
        [NotificationPreferences(user=user, voice_enabled=True, calls_at_night=True) for user in users]
    )
    return users


def remind(*users: User) -> None:
    with_a_dose(users, ago=MINUTE)
    remind_of_doses(timezone.now())


def row(user: User, channel: str) -> Delivery | None:
    return Delivery.objects.filter(notification__recipient=user, channel=channel).first()


def is_sent(user: User, channel: str) -> bool:
    found = row(user, channel)
    return found is not None and found.state == State.SENT


def is_waiting(user: User) -> bool:
    """Whether the SMS is there, has its minutes still to wait, and no more than those."""
    found = row(user, "sms")
    return (
        found is not None
        and found.state == State.PENDING
        and timezone.now() < found.due_at <= timezone.now() + MINUTES * MINUTE
    )


def its_minutes_go_by(user: User) -> None:
    waiting = Delivery.objects.filter(notification__recipient=user, channel="sms")
    waiting.update(due_at=F("due_at") - MINUTES * MINUTE)


def test_whatever_is_wrong_with_it_the_others_are_on_time_and_the_next_way_after_its_minutes(
    site: Site, providers: Providers, way: Way
) -> None:
    way.start(site, providers)
    for what, fault in way.faults().items():
        way.provider.fault = fault
        [user] = on_the_phone(1)
        _goes_on(providers, way, user, what)

    [user] = on_the_phone(1)
    remind(user)
    wait_until(lambda: is_sent(user, way.channel), ON_TIME, what="it is used again")
    assert is_waiting(user)
    assert not SmsProvider.objects.filter(down_since__isnull=False).exists()


def _goes_on(providers: Providers, way: Way, user: User, what: str) -> None:
    remind(user)
    wait_until(lambda: is_sent(user, "email"), ON_TIME, what=f"e-mail is on time when {what}")
    wait_until(
        lambda: Delivery.objects.filter(channel=way.channel, state=State.RETRY, failures=1).exists(),
        what=f"it is felt that {what}",
    )
    assert is_waiting(user), what

    its_minutes_go_by(user)

    wait_until(lambda: is_sent(user, "sms"), ON_TIME, what=f"the SMS goes when {what}")
    way.heal()
    wait_until(
        lambda: not Delivery.objects.filter(finished_at=None).exists(), what=f"nothing waits after {what}"
    )
    left = row(user, way.channel)
    assert left is not None and (left.state, left.reason) == (State.CANCELLED, Reason.OVERTAKEN), what
    assert providers.texted().count(str(user.phone)) == 1, what
    # Who hangs takes it, and says so too late.
    taken = 1 if what == "it hangs" else 0
    wait_until(lambda: way.reached().count(str(user.phone)) == taken, what=f"{taken} are taken when {what}")


def test_a_number_that_it_refuses_is_asked_for_once_and_the_next_way_comes_at_once(
    site: Site, providers: Providers, way: Way
) -> None:
    refused, other = on_the_phone(2)
    way.provider.fault = lambda _asked: way.documented.refuses
    way.start(site, providers)
    remind(refused)
    wait_until(lambda: is_sent(refused, "sms"), ON_TIME, what="the next way comes at once")
    left = row(refused, way.channel)
    assert left is not None and (left.state, left.attempts) == (State.FAILED, 1)

    way.heal()
    remind(other)
    wait_until(lambda: is_sent(other, way.channel), ON_TIME, what="it is used for others")
    assert is_waiting(other)
    assert (way.provider.asked, way.reached(), providers.texted()) == (2, [other.phone], [refused.phone])


@pytest.mark.parametrize(
    "way", [("whatsapp", "meta"), ("voice", "africastalking")], ids=" by ".join, indirect=True
)
def test_when_its_sender_is_killed_one_may_be_told_twice_and_nobody_is_forgotten(
    site: Site, providers: Providers, way: Way
) -> None:
    users = on_the_phone(5)
    consumer = way.start(site, providers, lease=2.0)

    def kill_at_the_third(_asked: object) -> None:
        if way.provider.asked == 3:
            consumer.kill()

    way.provider.fault = kill_at_the_third
    remind(*users)
    wait_until(lambda: consumer.poll() is not None, what="the consumer dies")
    way.start(site, providers, lease=2.0)
    wait_until(lambda: all(is_sent(user, way.channel) for user in users), what="all are told")
    assert set(way.reached()) == numbers(users)
    assert len(way.reached()) == len(users) + 1
    assert providers.texted() == []
    assert all(map(is_waiting, users))
