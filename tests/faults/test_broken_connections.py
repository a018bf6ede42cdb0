"""Connections to each server break in each way while hundreds of messages go out: nothing is lost, and what comes
twice is within the promise (docs/decisions/0150-what-a-broken-connection-may-double.md).
"""

import json
import logging
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import requests
from django.conf import settings
from django.utils import timezone

from home.models import User
from notifications.models import (
    ChannelChoice,
    Delivery,
    EarlyReceipt,
    EventRecord,
    InboundMessage,
    PeriodicRun,
    SmsProvider,
)
from tests.faults import web
from tests.faults.cast import all_dealt_with, ids, people, the_minute_comes, told, with_a_dose
from tests.faults.providers import numbers, numbers_at
from tests.faults.proxied import Proxied, proxied
from tests.faults.proxy import Counts, Fault, Proxy, http, is_commit
from tests.faults.smtp_server import SmtpServer, addresses
from tests.faults.stack import Site, wait_until
from tests.notifications.channels.sms.conftest import SECRET
from tests.notifications.channels.sms.gateways import API_KEY, USERNAME, Server
from tests.notifications.channels.whatsapp import provider as meta
from tests.notifications.factories import DeliveryFactory

logger = logging.getLogger(__name__)

MANY = 60
"""People, each with a message in the inbox, a mail and an SMS."""
STRIKES = 6
"""After so many the fault is taken away."""
SILENCE = 0.5
"""Seconds after which a server that says nothing is given up."""
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Broken:
    """One fault at one server: after how many requests it strikes, and how many messages each strike may double."""

    server: str
    fault: Fault
    doubles: int
    gap: tuple[int, int]
    only: str = ""
    """The requests that it strikes, where it isn't any."""

    @property
    def counts(self) -> Counts:
        return ONLY[self.only]

    def __str__(self) -> str:
        return f"{self.server}, {self.only or 'any request'}: {self.fault.value}"


Case = tuple[Broken, ...]
"""What breaks at the same time."""
ONLY: dict[str, Counts] = {
    "": bool,
    "COMMIT": is_commit,
    # With which the server takes the mail, and without which it doesn't (RFC 5321, 4.1.1.4).
    "full stop": lambda request: request == b".\r\n",
}
BREAKS = (Fault.SWALLOWED, Fault.HALVED, Fault.RESET, Fault.SILENT)


def beside(fault: Fault) -> Case:
    """At all servers beside the database at once. A provider has what it took and we don't know of, and an answer that
    is late is an answer; a queue carries no messages.
    """
    in_doubt = int(fault in (Fault.SWALLOWED, Fault.HALVED))
    return (
        Broken("redis", fault, doubles=0, gap=(2, 6)),
        Broken("smtp", fault, doubles=in_doubt, gap=(10, 40)),
        Broken("http", fault, doubles=in_doubt, gap=(2, 8)),
    )


CASES: list[Case] = [
    # What can't be written down is sent again.
    *((Broken("postgresql", fault, doubles=1, gap=(20, 100)),) for fault in BREAKS),
    (Broken("postgresql", Fault.SWALLOWED, doubles=1, gap=(2, 8), only="COMMIT"),),
    (Broken("postgresql", Fault.LATE, doubles=0, gap=(20, 100)),),
    *(beside(fault) for fault in (*BREAKS, Fault.LATE)),
    (
        Broken("smtp", Fault.SWALLOWED, doubles=1, gap=(1, 6), only="full stop"),
        Broken("http", Fault.REPEATED, doubles=1, gap=(2, 8)),
    ),
    (Broken("smtp", Fault.HALVED, doubles=1, gap=(1, 6), only="full stop"),),
]
THERE = {"postgresql", "redis", "smtp", "http"} if settings.REDIS_URL else {"smtp", "http"}
BOTH = [case for each in CASES if (case := tuple(one for one in each if one.server in THERE))]


@pytest.fixture(scope="module")
def the_proxied(environment: dict[str, str], the_smtp_server: SmtpServer) -> Iterator[Proxied]:
    with proxied(environment, smtp=the_smtp_server.port, redis_url=settings.REDIS_URL) as there:
        yield there


@pytest.fixture
def there(the_proxied: Proxied, site: Site, gateways: Server) -> Iterator[Proxied]:
    the_proxied.proxies["http"].server = ("127.0.0.1", gateways.server_port)
    yield the_proxied
    the_proxied.heal()
    the_proxied.site.kill_all()


def with_phones(users: list[User]) -> list[User]:
    """These want what is about medicines by SMS too."""
    for number, user in enumerate(users):
        user.phone, user.phone_verified_at = f"+2782558{number:04}", timezone.now()
    User.objects.bulk_update(users, ["phone", "phone_verified_at"])
    ChannelChoice.objects.bulk_create(
        [ChannelChoice(user=user, category="medication", channel="sms", on=True) for user in users]
    )
    return users


def all_dealt_with_at_once() -> bool:
    """The same without the minutes that what failed waits until it is tried again."""
    now = timezone.now()
    SmsProvider.objects.filter(down_since__isnull=False).update(probe_at=now)
    for work in (PeriodicRun, EventRecord, Delivery):
        work.objects.filter(finished_at=None, lease_until=None, due_at__gt=now).update(due_at=now)
    return all_dealt_with()


@pytest.mark.parametrize("case", BOTH, ids=lambda case: " and ".join(map(str, case)))
def test_nothing_is_lost_and_no_more_comes_twice_than_was_in_doubt(
    there: Proxied, smtp_server: SmtpServer, gateways: Server, case: Case
) -> None:
    users = with_phones(people(MANY))
    with_a_dose(users, ago=MINUTE)
    the_minute_comes()
    for seed, each in enumerate(case, start=BOTH.index(case)):
        there.proxies[each.server].begin(each.fault, seed=seed, gap=each.gap, counts=each.counts)
    strikes: dict[str, int] = {}

    def struck_often_enough() -> bool:
        for each in case:
            proxy = there.proxies[each.server]
            strikes[each.server] = max(proxy.strikes, strikes.get(each.server, 0))
            if proxy.strikes >= STRIKES:
                proxy.heal()
        return min(strikes.values()) >= STRIKES or all_dealt_with()

    consumer = there.start_consumer(silence=SILENCE)

    wait_until(struck_often_enough, what="it has struck often enough")
    there.heal()
    wait_until(all_dealt_with_at_once, what="all is dealt with")
    assert min(strikes.values()) >= STRIKES / 2, strikes
    assert consumer.poll() is None
    rows = Delivery.objects.values_list("state", "reason").distinct()
    assert list(rows) == [("sent", "")]
    assert told() == ids(users)
    assert smtp_server.addressees() == addresses(users)
    texted = [*numbers_at(gateways.africastalking), *numbers_at(gateways.twilio)]
    assert set(texted) == numbers(users)
    mails, texts = len(smtp_server.copies()), len(texted) - MANY
    logger.info("%s: %d mails and %d SMS came twice.", strikes, mails, texts)
    may = {each.server: each.doubles * there.proxies[each.server].strikes for each in case}
    anything = may.get("postgresql", 0)
    assert mails <= may.get("smtp", 0) + anything
    assert texts <= may.get("http", 0) + anything
    assert mails + texts <= sum(may.values())


def test_what_a_provider_brings_again_because_it_heard_no_answer_counts_once(
    environment: dict[str, str], transactional_db: None
) -> None:
    numbers = [f"+2782559{number:04}" for number in range(30)]
    for name, provider, id_ in (
        ("sms", "africastalking", "ATXid"),
        ("whatsapp", "meta", "wamid"),
        ("voice", "africastalking", "ATVId"),
    ):
        for address in numbers:
            DeliveryFactory(
                channel=name,
                address=address,
                state=Delivery.State.SENT,
                provider=provider,
                provider_id=f"{id_}_{address}",
                sent_at=timezone.now(),
                finished_at=timezone.now(),
            )
    account = {
        "SMS_PROVIDERS": "africastalking",
        "VOICE_PROVIDERS": "africastalking",
        "VOICE_AFRICASTALKING_FROM": "+27105550100",
        "AFRICASTALKING_USERNAME": USERNAME,
        "AFRICASTALKING_API_KEY": API_KEY,
        "AFRICASTALKING_WEBHOOK_SECRET": SECRET,
        "WHATSAPP_PROVIDER": "meta",
        "WHATSAPP_PHONE_NUMBER_ID": meta.NUMBER_ID,
        "WHATSAPP_ACCESS_TOKEN": meta.ACCESS_TOKEN,
        "WHATSAPP_APP_SECRET": meta.APP_SECRET,
        "WHATSAPP_VERIFY_TOKEN": meta.VERIFY_TOKEN,
    }
    with (
        web.running({**environment, **account}) as site,
        Proxy(("127.0.0.1", site.port), http).running() as proxy,
    ):
        for seed, fault in enumerate((Fault.REPEATED, Fault.SWALLOWED, Fault.HALVED, Fault.RESET)):
            proxy.begin(fault, seed=seed, gap=(2, 5))
            for number in numbers[seed::4]:
                for path, how in _what_they_bring(number):
                    _bring(proxy, path, how)
            assert proxy.strikes >= 4
    became = Delivery.objects.values_list("channel", "state", "failures").distinct()
    # Nobody heard the call: it is placed once more, and not once more for each time that its end is told.
    assert set(became) == {("sms", "delivered", 0), ("whatsapp", "delivered", 0), ("voice", "retry", 1)}
    assert not EarlyReceipt.objects.exists()
    senders = InboundMessage.objects.values_list("sender", flat=True)
    assert sorted(senders) == sorted(numbers * 2)


def _what_they_bring(number: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """What became of an SMS, a WhatsApp message and a call to this number, and what was answered to the first two."""
    sms, wrote = {"id": f"ATXid_{number}", "status": "Success"}, {"text": "1", "date": "2026-11-24 08:00:00"}
    yield (
        f"/sms/africastalking/status/?key={SECRET}",
        {"data": {**sms, "phoneNumber": number, "networkCode": "65501"}},
    )
    yield (
        f"/sms/africastalking/inbound/?key={SECRET}",
        {"data": {**wrote, "id": f"reply of {number}", "linkId": "", "from": number, "to": "22345"}},
    )
    told = meta.call_of(
        statuses=[meta.status_of(f"wamid_{number}", "delivered")],
        messages=[meta.text_from(number, "1", id_=f"wamid.of{number}")],
    )
    raw = json.dumps(told).encode()
    signature = {"X-Hub-Signature-256": meta.signed(raw), "Content-Type": "application/json"}
    yield "/whatsapp/meta/", {"data": raw, "headers": signature}
    call = {"isActive": "0", "sessionId": f"ATVId_{number}", "hangupCause": "USER_BUSY"}
    yield f"/voice/africastalking/?key={SECRET}", {"data": call}


def _bring(proxy: Proxy, path: str, how: dict[str, Any]) -> None:
    """Call our webhook until it says that it has it, as providers do."""
    for _ in range(5):
        with suppress(requests.ConnectionError):
            if requests.post(f"http://127.0.0.1:{proxy.port}{path}", timeout=60, **how).ok:
                return
    raise AssertionError(f"Nothing was taken of {path}")
