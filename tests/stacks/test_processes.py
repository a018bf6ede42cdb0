"""What each process of a stack does when it is told to stop, and what it does not do."""

import json
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from home.models import User
from notifications.models import Delivery, Notification
from tests.factories import UserFactory
from tests.notifications.factories import DeliveryFactory, NotificationFactory
from tests.stacks.conftest import Start
from tests.stacks.stack import SECRET_KEY, Stack, wait_until
from tests.stacks.visitors import cookie_of

STOP_WITHIN = 25.0
MAILS = 5_000
STREAM = "/en/inbox/stream/"


@pytest.fixture
def cookie(transactional_db: None, settings: Any) -> str:
    settings.SECRET_KEY = SECRET_KEY
    return cookie_of(UserFactory.create())


@pytest.fixture
def browsers() -> Iterator[ExitStack]:
    """Whatever they have open is closed in the end."""
    with ExitStack() as browsers:
        yield browsers


def test_a_page_worker_sends_a_stream_away_at_once_and_is_free_for_pages(
    start: Start, cookie: str, browsers: ExitStack
) -> None:
    stack = start("clinic", processes=("web",))
    stack.ready()
    asked = time.monotonic()
    # More than there are workers: if one waited, the next would too.
    answers = [browsers.enter_context(stack.get(STREAM, Cookie=cookie)) for _ in range(6)]
    assert [answer.status for answer in answers] == [204] * 6
    assert browsers.enter_context(stack.get("/health/live/")).status == 200
    assert time.monotonic() - asked < 10


def test_every_process_stops_in_time_under_load_and_leaves_nothing_half_done(
    start: Start, cookie: str, browsers: ExitStack
) -> None:
    person = User.objects.get()
    messages = Notification.objects.bulk_create(NotificationFactory.build_batch(MAILS, recipient=person))
    Delivery.objects.bulk_create(
        DeliveryFactory.build(notification=message, channel="email", address=person.email)
        for message in messages
    )
    stack = start("clinic")
    stack.ready()
    streams = [browsers.enter_context(stack.get(STREAM, live=True, Cookie=cookie)) for _ in range(20)]
    assert {stream.status for stream in streams} == {200}
    assert all(stream.readline().startswith(b"retry:") for stream in streams)
    asking = threading.Event()
    asking.set()
    answers: list[int] = []
    clients = [threading.Thread(target=ask, args=(stack, asking, answers)) for _ in range(4)]
    sent = Delivery.objects.filter(state=Delivery.State.SENT)
    # The consumer finds what nobody woke it for by its sweep, at the latest when the next minute but one begins.
    wait_until(sent.exists, 150, what="mails are on their way", look_every=0.02)
    for client in clients:
        client.start()
    wait_until(lambda: answers, 60, what="all are at work", look_every=0.01)

    stopped = stack.stop()

    asking.clear()
    for client in clients:
        client.join()
    print({name: f"{seconds:.1f} s" for name, (_, seconds) in stopped.items()})
    assert all(seconds < STOP_WITHIN for _, seconds in stopped.values())
    assert {name: code for name, (code, _) in stopped.items()} == {
        "web": 0,
        "live": -signal.SIGTERM,  # uvicorn tidies up, then lets the signal have its way
        "consumer": 0,
    }
    assert set(answers) == {200}
    assert not Delivery.objects.filter(lease_until__isnull=False).exists()
    assert len(stack.mails()) == sent.count() < MAILS
    assert_json_lines(stack.said())


def ask(stack: Stack, asking: threading.Event, answers: list[int]) -> None:
    """A browser that asks for page after page; what is refused before it is taken counts for nothing."""
    while asking.is_set():
        try:
            with stack.get("/health/live/") as answer:
                answers.append(answer.status)
        except ConnectionError:
            return


def assert_json_lines(said: str) -> None:
    """Gunicorn, uvicorn and Huey included, once our configuration is read."""
    lines = [line for line in said.splitlines() if line.strip()]
    assert {"gunicorn.error", "uvicorn.error"} <= {json.loads(line)["logger"] for line in lines}


def test_an_open_page_hears_at_once_of_what_another_process_sends(
    start: Start, cookie: str, browsers: ExitStack
) -> None:
    stack = start("clinic", processes=("live", "consumer"))
    stack.ready()
    stream = browsers.enter_context(stack.get(STREAM, live=True, Cookie=cookie))
    while stream.readline().strip():
        pass
    due = timezone.now() - timedelta(seconds=1)
    NotificationFactory.create(
        recipient=User.objects.get(), scheduled_status=Notification.Status.PENDING, scheduled_at=due
    )
    # The consumer's next minute finds it; the stream's heartbeats come meanwhile.
    said = b""
    last_moment = time.monotonic() + 120
    while b"event: inbox" not in said and time.monotonic() < last_moment:
        said += stream.readline()
    assert b"event: inbox" in said
