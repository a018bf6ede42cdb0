"""News for open pages: who has a new message is told at once, by one listener a process.

The workers and the web are different processes. With Redis the one publishes and the other subscribes; without it
the web looks into the database once a second while anybody's page is open. Either way a page that hears nothing
still asks by itself every minute, so nothing here has to be certain.
"""

import asyncio
import json
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import islice
from typing import Protocol
from weakref import WeakKeyDictionary

import redis
from django.conf import settings
from django.db import connection
from django.utils import timezone
from redis import asyncio as async_redis

from notifications.models import Notification

logger = logging.getLogger(__name__)

REDIS_CHANNEL = "medguard.inbox"
CHUNK = 1_000
REDIS_TIMEOUT = 2.0
POLL_EVERY = 1.0
OVERLAP = timedelta(seconds=60)
"""How long the writer of a message may take from its `sent_at` to its commit before a poll overlooks it."""
READY_WITHIN = 2.0
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0

Connected = Callable[[], Collection[int]]
"""The ids of the people whose pages are open now."""


def announce(user_ids: Collection[int]) -> None:
    """Tell the open pages of these people that something new is in their inbox; call it after the commit.

    Never raises because of Redis: pages look for themselves, only later. Without Redis it does nothing.
    """
    url = settings.NOTIFICATION_LIVE_REDIS_URL
    if not url or not user_ids:
        return
    try:
        with (
            redis.Redis.from_url(
                url, socket_timeout=REDIS_TIMEOUT, socket_connect_timeout=REDIS_TIMEOUT
            ) as client,
            client.pipeline(transaction=False) as pipeline,
        ):
            for chunk in _chunks(user_ids):
                pipeline.publish(REDIS_CHANNEL, json.dumps(chunk))
            pipeline.execute()
    except redis.RedisError:
        logger.exception("Redis can't be reached: open pages show new messages at their next look.")


def _chunks(user_ids: Collection[int]) -> Iterator[Sequence[int]]:
    iterator = iter(user_ids)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk


class Source(Protocol):
    """Where a hub hears who has news."""

    def listen(self, connected: Connected) -> AsyncIterator[Collection[int]]:
        """Yields sets of user ids; an empty one first, as soon as nothing can be missed any more."""


class RedisSource:
    """Hears what `announce` publishes."""

    def __init__(self, url: str) -> None:
        self.url = url

    async def listen(self, connected: Connected) -> AsyncIterator[Collection[int]]:
        async with (
            async_redis.Redis.from_url(
                self.url, socket_connect_timeout=REDIS_TIMEOUT, health_check_interval=15
            ) as client,
            client.pubsub() as pubsub,
        ):
            await pubsub.subscribe(REDIS_CHANNEL)
            async for message in pubsub.listen():
                if message["type"] == "subscribe":
                    yield ()
                elif message["type"] == "message":
                    yield json.loads(message["data"])


class PollSource:
    """Looks into the database: one query a second for everybody, on a thread of its own."""

    async def listen(self, connected: Connected) -> AsyncIterator[Collection[int]]:
        loop = asyncio.get_running_loop()
        executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="live-poll")
        seen: set[int] = set()
        try:
            yield ()
            while True:
                recent = await loop.run_in_executor(executor, _recent, tuple(connected()))
                yield {user_id for id_, user_id in recent.items() if id_ not in seen}
                seen = set(recent)
                await asyncio.sleep(POLL_EVERY)
        finally:
            await asyncio.to_thread(executor.shutdown)


def _recent(user_ids: Sequence[int]) -> dict[int, int]:
    """The messages of the last minute, id to recipient. The connection goes back at once: pages are open for days."""
    messages = Notification.objects.filter(
        recipient_id__in=user_ids,
        sent_at__gt=timezone.now() - OVERLAP,
        scheduled_status=Notification.Status.SENT,
        in_inbox=True,
    )
    try:
        return dict(messages.values_list("id", "recipient_id"))
    finally:
        connection.close()


class Hub:
    """Everybody whose page is open on this process, and the one listener for all of them.

    The listener starts with the first client and stops with the last. When its source fails it tries again, with
    growing pauses; once it hears again it signals everybody, because nobody knows what was missed.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._clients: dict[int, set[asyncio.Queue[None]]] = defaultdict(set)
        self._listener: asyncio.Task[None] | None = None
        self._hears = asyncio.Event()

    @asynccontextmanager
    async def client(self, user_id: int) -> AsyncIterator[asyncio.Queue[None]]:
        """A queue that gets an item when this person's inbox has news; one that waits stands for all that follow.

        Inside, nothing is missed any more, unless the source is down.
        """
        queue: asyncio.Queue[None] = asyncio.Queue(maxsize=1)
        self._clients[user_id].add(queue)
        if self._listener is None:
            self._listener = asyncio.create_task(self._listen())
        try:
            try:
                await asyncio.wait_for(self._hears.wait(), READY_WITHIN)
            except TimeoutError:
                logger.warning("A page was opened while news can't be heard.")
            yield queue
        finally:
            self._clients[user_id].discard(queue)
            if not self._clients[user_id]:
                del self._clients[user_id]
            if not self._clients:
                await self._stop()

    async def _stop(self) -> None:
        listener, self._listener = self._listener, None
        self._hears = asyncio.Event()
        if listener is not None:
            listener.cancel()
            await asyncio.gather(listener, return_exceptions=True)

    async def _listen(self) -> None:
        hears = self._hears
        pause = FIRST_PAUSE
        failed = False
        while True:
            try:
                async for user_ids in self._source.listen(self._clients.keys):
                    hears.set()
                    self._signal(self._clients.keys() if failed else user_ids)
                    failed, pause = False, FIRST_PAUSE
            except Exception:
                logger.exception("News for open pages can't be heard; trying again in %s s.", pause)
            failed = True
            hears.clear()
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _signal(self, user_ids: Collection[int]) -> None:
        for user_id in user_ids:
            for queue in self._clients.get(user_id, ()):
                if queue.empty():
                    queue.put_nowait(None)


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """This process's hub; call it inside a running event loop, of which a server process has one."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        url = settings.NOTIFICATION_LIVE_REDIS_URL
        _hubs[loop] = Hub(RedisSource(url) if url else PollSource())
    return _hubs[loop]
