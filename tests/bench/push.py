"""Push messages encrypted, sent and marked, next to nothing but the encryption of as many with pywebpush.

Each goes to one browser of one person, at a push service in a process of its own that answers at once. `rates` are
those of the channel as it is, for each number of processes; the ratio is that of one process to one that only encrypts.
`webpush` is what the field does: pywebpush's call for each message, one after the other on one open connection, without
anything read or written down. `stubbed` are the rates of each number of processes where the service's call is left
out, and the encryption with it: what claiming, checking, making and writing down take. `slow` are those with a service
that takes `LATENCY` seconds for each answer, as real ones do, and `slow_webpush` what the one after the other comes to.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from unittest.mock import patch

import requests
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import override_settings
from django.utils import timezone
from pywebpush import WebPusher, webpush

from notifications.channels.push import keys
from notifications.channels.push.channel import PushChannel
from notifications.channels.push.payload import payload
from notifications.channels.push.vapid import new_key, to_base64
from notifications.models import Delivery, PushSubscription
from notifications.pipeline.due import read
from notifications.pipeline.outgoing import single
from notifications.tasks import settle
from tests.bench import _servers
from tests.bench._outgoing import make_rows, people, rate_of
from tests.bench._result import Goal, Result

GOALS = (
    Goal("of nothing but the encryption, one process", at_least=0.7),
    Goal(
        "messages a second with the provider's call stubbed, two processes",
        at_least=20_000,
        figure=lambda run: run.more["stubbed"][1],
    ),
)

SUBJECT = "mailto:clinic@example.org"
LATENCY = 0.05
Work = Callable[[requests.Session, PushSubscription, bytes], None]


@dataclass(frozen=True, slots=True)
class Size:
    """Messages, and how many processes send them."""

    messages: int = 3_000
    processes: tuple[int, ...] = (1, 2)


SMALL = Size(messages=64, processes=(1,))


@override_settings(
    NOTIFICATION_CHANNELS=["notifications.channels.push.channel.PushChannel"],
    VAPID_SUBJECT=SUBJECT,
    VAPID_PRIVATE_KEY=new_key(),
)
def run(size: Size) -> Result:
    settle()
    users = [user.pk for user in people(size.messages)]
    keys.key()
    with _servers.push() as port, _servers.push(LATENCY) as slow_port:
        browsers = _subscribe(users, port)
        make_rows(PushChannel.name, [(users[0], str(users[0]))])
        encrypted = _rate(size.messages, _encrypt, browsers[0])
        called = _rate(size.messages // 4, _call, browsers[0])
        called_slowly = _rate(min(size.messages, 40), _call, _browser(0, slow_port))
        rates = [_sent(users, each) for each in size.processes]
        with patch.object(PushChannel, "_post", _nothing):
            stubbed = [_sent(users, each) for each in size.processes]
        PushSubscription.objects.all().delete()
        _subscribe(users, slow_port)
        slow = [_sent(users, each) for each in size.processes]
    return Result(
        "push",
        rows=size.messages,
        rate=rates[0],
        floor_rate=encrypted,
        more={
            "processes": size.processes,
            "rates": rates,
            "webpush": round(called),
            "stubbed": stubbed,
            "slow": slow,
            "slow_webpush": round(called_slowly),
        },
    )


async def _nothing(*_arguments: object) -> None:
    """Costs nothing, where a mock takes as long as some of what is measured."""


def _browser(user_id: int, port: int) -> PushSubscription:
    point = ec.generate_private_key(ec.SECP256R1()).public_key()
    return PushSubscription(
        user_id=user_id,
        endpoint=f"http://127.0.0.1:{port}/push/{user_id}",
        p256dh=to_base64(point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)),
        auth=to_base64(os.urandom(16)),
        created_at=timezone.now(),
    )


def _subscribe(users: list[int], port: int) -> list[PushSubscription]:
    return PushSubscription.objects.bulk_create([_browser(user_id, port) for user_id in users])


def _sent(users: list[int], processes: int) -> int:
    make_rows(PushChannel.name, [(user_id, str(user_id)) for user_id in users])
    origins = {each.endpoint.rpartition("/push/")[0] for each in PushSubscription.objects.all()[:1]}
    with override_settings(PUSH_HOSTS=list(origins)):
        return round(rate_of(PushChannel.name, processes))


def _rate(count: int, work: Work, browser: PushSubscription) -> float:
    body = _body()
    with requests.Session() as http:
        begin = time.perf_counter()
        for _ in range(count):
            work(http, browser, body)
        return count / (time.perf_counter() - begin)


def _body() -> bytes:
    """The very text that the channel makes of a row."""
    [row] = read(Delivery.objects.values_list("pk", flat=True)[:1])
    return payload(single(row, with_quick_replies=True))


def _info(browser: PushSubscription) -> dict[str, object]:
    return {"endpoint": browser.endpoint, "keys": {"p256dh": browser.p256dh, "auth": browser.auth}}


def _encrypt(http: requests.Session, browser: PushSubscription, body: bytes) -> None:
    WebPusher(_info(browser)).encode(body)


def _call(http: requests.Session, browser: PushSubscription, body: bytes) -> None:
    claims = {"sub": SUBJECT}
    webpush(
        _info(browser),
        data=body,
        vapid_private_key=keys.key(),
        vapid_claims=claims,
        ttl=3600,
        requests_session=http,
    )
