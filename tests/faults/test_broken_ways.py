"""Connections to push services, and to the providers of WhatsApp and of calls, break in each way: nobody is forgotten,
and nobody is told twice by a provider that names what it has
(docs/decisions/0157-a-provider-names-what-it-has.md).
"""

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Q
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from home.models import User
from medications.periodic_tasks import remind_of_doses
from notifications.channels import registry as channels
from notifications.models import (
    ChannelChoice,
    Delivery,
    EventRecord,
    NotificationPreferences,
    PushSubscription,
    SmsProvider,
)
from tests.faults.cast import people, with_a_dose
from tests.faults.proxy import Fault, Proxy, http
from tests.faults.stack import Process, Site, wait_until
from tests.faults.test_ways import HANDED_OVER
from tests.notifications.channels.push.push_service import PushService
from tests.notifications.channels.voice import providers as calls
from tests.notifications.channels.voice.conftest import server, voice  # noqa: F401 - fixtures
from tests.notifications.channels.whatsapp import provider as texts
from tests.notifications.channels.whatsapp.conftest import approve, whatsapp  # noqa: F401 - fixtures

logger = logging.getLogger(__name__)

WAYS = ("push", "whatsapp", "voice")
EACH = 6
"""People whom each way tells of a dose, under each fault."""
STRIKES = 3
"""After so many at a way its fault is taken away."""
SILENCE = 0.4
"""Seconds after which one that says nothing is given up."""


@dataclass(frozen=True)
class Round:
    """One fault at all three ways: whether the providers then name what they have, and what each strike may double."""

    fault: Fault
    they_tell: bool
    doubles: int

    def __str__(self) -> str:
        return f"{self.fault.value}, and they {'' if self.they_tell else 'don’t '}tell"


# A provider that carries out a request twice has sent it twice, whatever it tells.
ROUNDS = [
    Round(Fault.SWALLOWED, they_tell=True, doubles=0),
    Round(Fault.SWALLOWED, they_tell=False, doubles=1),
    Round(Fault.HALVED, they_tell=True, doubles=0),
    Round(Fault.RESET, they_tell=True, doubles=0),
    Round(Fault.SILENT, they_tell=True, doubles=0),
    Round(Fault.LATE, they_tell=True, doubles=0),
    Round(Fault.REPEATED, they_tell=True, doubles=1),
]
IN_DOUBT = ~Q(provider="") & Q(provider_id="", state=Delivery.State.RETRY)


@dataclass
class World:
    """A site whose push service and providers of WhatsApp and of calls stand behind a proxy each."""

    site: Site
    proxies: dict[str, Proxy]
    settings: dict[str, Any]
    push: PushService
    whatsapp: texts.Provider
    whatsapp_name: str
    voice: calls.Provider
    voice_name: str

    def start(self) -> Process:
        return self.site.start_consumer(timeout=SILENCE, retry=0.2, changed=self.settings)

    def people(self, way: str) -> list[User]:
        """So many people who are told of their medicines this way alone."""
        known = User.objects.count()
        users = people(EACH, by_email=False)
        for number, user in enumerate(users, start=known):
            user.phone, user.phone_verified_at = f"+2782559{number:04}", timezone.now()
        User.objects.bulk_update(users, ["phone", "phone_verified_at"])
        ChannelChoice.objects.bulk_create(
            [
                ChannelChoice(user=user, category="medication", channel=each, on=each == way)
                for user in users
                for each in (*WAYS, "sms", "email")
            ]
        )
        NotificationPreferences.objects.bulk_create(
            [
                NotificationPreferences(user=user, voice_enabled=way == "voice", calls_at_night=True)
                for user in users
            ]
        )
        if way == "push":
            for user in users:
                browser = self.push.browser(f"of{user.pk}")
                endpoint = f"{self.push.proxied}/push/{browser.name}"
                PushSubscription.objects.create(
                    user=user, endpoint=endpoint, created_at=timezone.now(), **browser.keys
                )
        return users

    def reached(self, way: str) -> list[str]:
        """Whom a way reached since the site began, each as often as it did."""
        if way == "push":
            return [name for name, browser in self.push.browsers.items() for _got in browser.got]
        forms: Sequence[dict[str, Any]] = self.whatsapp.sent if way == "whatsapp" else self.voice.calls
        return [(form.get("to") or form["To"]).removeprefix("whatsapp:") for form in forms]

    def tell(self) -> None:
        """The providers say of each message that they have it, and say it twice."""
        for number, form in enumerate(self.whatsapp.sent, start=1):
            for _ in range(2):
                assert TELL[self.whatsapp_name](number, form) == 200
        for number, form in enumerate(self.voice.calls, start=1):
            for _ in range(2):
                LINES[self.voice_name](number, form).pick_up()


def meta_tells(number: int, form: dict[str, Any]) -> int:
    status = texts.status_of(f"wamid.{number:04}", "sent")
    status["biz_opaque_callback_data"] = form["biz_opaque_callback_data"]
    raw = json.dumps(texts.call_of(statuses=[status])).encode()
    signature = {"X-Hub-Signature-256": texts.signed(raw)}
    return (
        Client().post("/whatsapp/meta/", raw, content_type="application/json", headers=signature).status_code
    )


def twilio_tells(number: int, form: dict[str, Any]) -> int:
    told = {"MessageSid": f"SM{number:032}", "MessageStatus": "sent"}
    url = form["StatusCallback"]
    path = url.removeprefix("https://clinic.example")
    return (
        Client().post(path, told, headers={"X-Twilio-Signature": texts.twilio_signed(url, told)}).status_code
    )


TELL: dict[str, Callable[[int, dict[str, Any]], int]] = {"meta": meta_tells, "twilio": twilio_tells}
LINES: dict[str, Callable[[int, dict[str, Any]], calls.Line]] = {
    "twilio": lambda number, form: calls.TwilioLine(form["Url"], call_sid=f"CA{number:032}"),
    "africastalking": lambda number, form: calls.AfricasTalkingLine(
        f"{calls.SITE}/voice/africastalking/?key={calls.SECRET}",
        session_id=f"ATVId_{number}",
        request_id=form["clientRequestId"],
    ),
}


@pytest.fixture(params=[("meta", "twilio"), ("twilio", "africastalking")], ids=" and ".join)
def world(
    request: pytest.FixtureRequest,
    site: Site,
    settings: Settings,
    whatsapp: texts.Server,  # noqa: F811 - the fixture
    server: calls.Server,  # noqa: F811 - the fixture
    push_service: PushService,
) -> Iterator[World]:
    settings.WHATSAPP_PROVIDER, voice_name = request.param
    settings.VOICE_PROVIDERS = [voice_name]
    approve(whatsapp, "medication.dose_due", "You have a reminder from your clinic.", buttons=3)
    port = int(push_service.origin.rpartition(":")[2])
    there = {"push": port, "whatsapp": whatsapp.server_port, "voice": server.server_port}
    with ExitStack() as stack:
        proxies = {
            way: stack.enter_context(Proxy(("127.0.0.1", port), http).running())
            for way, port in there.items()
        }
        urls = {way: f"http://localhost:{proxy.port}" for way, proxy in proxies.items()}
        push_service.proxied = urls["push"]
        changed = {
            **{name: getattr(settings, name) for name in HANDED_OVER},
            "PUSH_HOSTS": [urls["push"]],
            "WHATSAPP_URL": urls["whatsapp"],
            "AFRICASTALKING_VOICE_URL": urls["voice"],
            "TWILIO_URL": urls["voice" if voice_name == "twilio" else "whatsapp"],
        }
        channels.outside.cache_clear()
        yield World(
            site,
            proxies,
            changed,
            push_service,
            whatsapp.provider,
            settings.WHATSAPP_PROVIDER,
            getattr(server, voice_name),
            voice_name,
        )
        for proxy in proxies.values():
            proxy.heal()
        site.kill_all()
    push_service.proxied = ""
    channels.outside.cache_clear()


def go_on(*, even_in_doubt: bool) -> None:
    """The minutes go by that providers are left alone for, and messages wait; those in doubt wait on unless told."""
    now = timezone.now()
    SmsProvider.objects.filter(down_since__isnull=False).update(probe_at=now)
    waiting = Delivery.objects.filter(finished_at=None, lease_until=None, due_at__gt=now)
    (waiting if even_in_doubt else waiting.exclude(IN_DOUBT)).update(due_at=now)


def test_nobody_is_forgotten_or_told_twice_by_who_names_what_it_has(world: World) -> None:
    consumer = world.start()
    for seed, each in enumerate(ROUNDS):
        _survives(world, each, seed)
        assert consumer.poll() is None, each
    assert world.push.problems == []


def _survives(world: World, each: Round, seed: int) -> None:
    before = {way: len(world.reached(way)) for way in WAYS}
    told = {way: world.people(way) for way in WAYS}
    with_a_dose([user for way in WAYS for user in told[way]], ago=timedelta(minutes=1))
    for proxy in world.proxies.values():
        proxy.begin(each.fault, seed=seed, gap=(1, 3))
    remind_of_doses(timezone.now())

    def all_tried() -> bool:
        for proxy in world.proxies.values():
            if proxy.strikes >= STRIKES:
                proxy.heal()
        go_on(even_in_doubt=False)
        return (
            not EventRecord.objects.filter(finished_at=None).exists()
            and not Delivery.objects.filter(finished_at=None).exclude(IN_DOUBT).exists()
        )

    wait_until(all_tried, what=f"all are tried when {each}")
    for proxy in world.proxies.values():
        proxy.heal()
    # Not before: while people were looked for, one more may have struck.
    strikes = {way: proxy.strikes for way, proxy in world.proxies.items()}
    if each.they_tell:
        world.tell()

    def all_dealt_with() -> bool:
        go_on(even_in_doubt=True)
        return not Delivery.objects.filter(finished_at=None).exists()

    wait_until(all_dealt_with, what=f"all is dealt with when {each}")
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}, each
    for way, users in told.items():
        names = {f"of{user.pk}" if way == "push" else str(user.phone) for user in users}
        reached = world.reached(way)
        now = [name for name in reached if name in names]
        twice = len(now) - len(names)
        logger.info("%s: %s; %d strikes, %d came twice.", way, each, strikes[way], twice)
        assert set(now) == names, (way, each)
        assert len(reached) == before[way] + len(now), (way, each)
        assert strikes[way] > 0, (way, each)
        if way == "push":
            # What comes twice is shown once.
            assert all(len(world.push.browsers[name].names()) == 1 for name in names), each
            assert twice <= strikes[way], each
        else:
            assert twice <= each.doubles * strikes[way], (way, each)
