"""Live updates over what this run has: a poll of the database, or Redis when REDIS_URL is set; the same tests."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
import redis
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.db import connections
from django.test import AsyncClient, Client
from django.utils import timezone

from notifications.inbox import stream
from notifications.live import announcement, sources
from notifications.live import hub as hubs
from notifications.live.announcement import announce
from notifications.live.hub import Hub, hub
from tests.notifications.inbox.conftest import make_message, make_user

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/en/inbox/stream/"


@pytest.fixture
def thandi() -> Any:
    return make_user("thandi@demo.medguard.test")


@pytest.fixture
def pieter() -> Any:
    return make_user("pieter@demo.medguard.test")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "POLL_EVERY", 0.02)
    monkeypatch.setattr(hubs, "FIRST_PAUSE", 0.01)


@pytest.fixture(autouse=True)
async def _tidy() -> AsyncIterator[None]:
    """What ran beside the event loop leaves its connection in a thread that nobody else tidies."""
    yield
    await sync_to_async(connections.close_all)()


def sessions() -> Any:
    """Where this run keeps them."""
    return import_module(settings.SESSION_ENGINE).SessionStore()


async def news_for(user: Any, **fields: Any) -> None:
    """As a worker does it: the message is committed, then announced."""
    await sync_to_async(make_message)(user, **fields)
    await sync_to_async(announce)({user.pk})


class Stream:
    """A browser's end of an open stream, spoken to as an ASGI server does."""

    def __init__(self, session: str, query: str, headers: list[tuple[bytes, bytes]]) -> None:
        cookie = [(b"cookie", f"sessionid={session}".encode())] if session else []
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
            "path": URL, "raw_path": URL.encode(), "query_string": query.encode(), "root_path": "",
            "headers": [(b"host", b"testserver"), *cookie, *headers], "server": ("testserver", 80),
        }  # fmt: skip
        self.session = session
        self.communicator = ApplicationCommunicator(get_asgi_application(), scope)
        self.start: dict[str, Any] = {}

    async def read(self, timeout: float = 5.0) -> str:
        """The next piece, or an empty text when the stream has ended."""
        piece = await self.communicator.receive_output(timeout)
        return piece.get("body", b"").decode()

    async def silent(self) -> bool:
        return await self.communicator.receive_nothing(0.3, 0.02)


@asynccontextmanager
async def opened(
    user: Any, *, query: str = "", headers: list[tuple[bytes, bytes]] | None = None
) -> AsyncIterator[Stream]:
    client = AsyncClient()
    if user is not None:
        await client.aforce_login(user)
    session = client.cookies["sessionid"].value if user is not None else ""
    browser = Stream(session, query, headers or [])
    await browser.communicator.send_input({"type": "http.request", "body": b"", "more_body": False})
    browser.start = await browser.communicator.receive_output(5)
    try:
        yield browser
    finally:
        await browser.communicator.send_input({"type": "http.disconnect"})
        await browser.communicator.wait(5)


async def test_a_message_reaches_the_open_page_of_its_reader_alone(thandi: Any, pieter: Any) -> None:
    async with opened(thandi) as hers, opened(pieter) as his:
        headers = dict(hers.start["headers"])
        assert hers.start["status"] == 200
        assert headers[b"Content-Type"] == b"text/event-stream"
        assert headers[b"Cache-Control"] == b"no-cache"
        assert headers[b"X-Accel-Buffering"] == b"no"
        assert (await hers.read()).startswith("retry: 5000\nid: ")
        await his.read()

        await news_for(thandi)
        event = await hers.read()
        assert event.startswith("id: ")
        assert "\nevent: inbox\ndata: " in event
        assert event.endswith("\n\n")
        assert await his.silent()
        assert await hers.silent()

        await news_for(thandi)
        assert "event: inbox" in await hers.read()


async def test_every_page_of_a_person_hears_it(thandi: Any) -> None:
    async with opened(thandi) as one, opened(thandi) as other:
        await one.read()
        await other.read()
        await news_for(thandi)
        assert "event: inbox" in await one.read()
        assert "event: inbox" in await other.read()


async def test_what_waits_or_is_not_wanted_is_not_told(thandi: Any) -> None:
    async with opened(thandi) as page:
        await page.read()
        await sync_to_async(make_message)(thandi, in_inbox=False)
        await sync_to_async(make_message)(thandi, sent_at=None, scheduled_status="pending")
        assert await page.silent()


async def test_a_message_between_the_page_and_its_stream_is_not_missed(thandi: Any) -> None:
    await sync_to_async(make_message)(thandi, sent_at=timezone.now() - timedelta(minutes=10))
    before = int((timezone.now() - timedelta(minutes=15)).timestamp())
    async with opened(thandi, query=f"since={before}") as page:
        assert "event: inbox" in await page.read()
    async with opened(thandi, query="since=1", headers=[(b"last-event-id", str(before).encode())]) as page:
        assert "event: inbox" in await page.read()


@pytest.mark.parametrize("query", ["", "since=", "since=soon", "since={now}"])
async def test_a_page_that_knows_all_is_told_nothing(thandi: Any, query: str) -> None:
    await sync_to_async(make_message)(thandi, sent_at=timezone.now() - timedelta(minutes=10))
    now = int(timezone.now().timestamp())
    async with opened(thandi, query=query.format(now=now)) as page:
        assert (await page.read()).startswith("retry: ")
        assert await page.silent()


async def test_it_beats_while_nothing_happens(thandi: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT", 0.02)
    async with opened(thandi) as page:
        await page.read()
        assert await page.read() == ": still here\n\n"
        assert await page.read() == ": still here\n\n"


async def test_it_ends_when_the_person_signs_out(thandi: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT", 0.02)
    monkeypatch.setattr(stream, "LOOK_EVERY", 0.0)
    async with opened(thandi) as page:
        await page.read()
        assert await page.read() == ": still here\n\n"
        await sessions().adelete(page.session)
        while piece := await page.read():
            assert piece == ": still here\n\n"


async def test_news_wait_in_no_buffer_though_the_browser_takes_pages_compressed(thandi: Any) -> None:
    async with opened(thandi, headers=[(b"accept-encoding", b"gzip")]) as browser:
        assert b"content-encoding" not in {name.lower() for name, _ in browser.start["headers"]}
        assert (await browser.read()).startswith("retry:")
        await news_for(thandi)
        assert "event: inbox" in await browser.read()


async def test_strangers_are_refused() -> None:
    async with opened(None) as page:
        assert page.start["status"] == 401
    assert not hub()._clients


def test_a_wsgi_server_sends_the_browser_away_at_once(thandi: Any, client: Client) -> None:
    client.force_login(thandi)
    assert client.get(URL).status_code == 204


async def test_the_listener_stops_with_the_last_page(thandi: Any, pieter: Any) -> None:
    async with opened(thandi) as hers:
        await hers.read()
        async with opened(pieter) as his:
            await his.read()
            assert set(hub()._clients) == {thandi.pk, pieter.pk}
        assert set(hub()._clients) == {thandi.pk}
        assert hub()._listener is not None
    assert not hub()._clients
    assert hub()._listener is None


# The hub by itself ----------------------------------------------------------------------------------------


class Script:
    """A source that hears what it is told to hear, and fails when told to."""

    def __init__(self) -> None:
        self.lines: asyncio.Queue[Collection[int] | Exception] = asyncio.Queue()
        self.started = 0

    async def listen(self, connected: Callable[[], Collection[int]]) -> AsyncIterator[Collection[int]]:
        self.started += 1
        yield ()
        while True:
            line = await self.lines.get()
            if isinstance(line, Exception):
                raise line
            yield line


async def heard(queue: asyncio.Queue[None]) -> None:
    await asyncio.wait_for(queue.get(), 5)


async def test_signals_that_wait_are_one() -> None:
    source = Script()
    async with Hub(source).client(1) as news:
        for _ in range(100):
            source.lines.put_nowait([1, 2])
        await heard(news)
        while not source.lines.empty():
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert news.qsize() <= 1


async def test_it_survives_its_source_and_tells_everybody_afterwards() -> None:
    source = Script()
    hub = Hub(source)
    async with hub.client(1) as one, hub.client(2) as two:
        source.lines.put_nowait(ConnectionError("gone"))
        await heard(one)
        await heard(two)
        assert source.started == 2
        source.lines.put_nowait([2])
        await heard(two)
        assert one.empty()


async def test_a_page_opens_though_nothing_can_be_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    class Deaf:
        async def listen(self, connected: Callable[[], Collection[int]]) -> AsyncIterator[Collection[int]]:
            raise ConnectionError("no source")
            yield ()

    monkeypatch.setattr(hubs, "READY_WITHIN", 0.05)
    async with Hub(Deaf()).client(1) as news:
        assert news.empty()


async def test_a_hub_can_be_used_again() -> None:
    source = Script()
    hub = Hub(source)
    for number in (1, 2):
        async with hub.client(7) as news:
            source.lines.put_nowait([7])
            await heard(news)
            assert source.started == number


# Announcing -----------------------------------------------------------------------------------------------


def test_announcing_goes_out_in_chunks() -> None:
    assert [len(chunk) for chunk in announcement._chunks(set(range(2_500)))] == [1_000, 1_000, 500]


def test_redis_that_is_down_stops_nobody(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.NOTIFICATION_LIVE_REDIS_URL = "redis://127.0.0.1:1/0"
    announce({1})
    assert "Redis can't be reached" in caplog.text


def test_without_redis_nobody_is_asked(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("asked Redis")

    settings.NOTIFICATION_LIVE_REDIS_URL = ""
    monkeypatch.setattr(redis.Redis, "from_url", never)
    announce({1})
