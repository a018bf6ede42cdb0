"""Where a process hears who has new messages: from Redis, or from the database."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Protocol

from django.db import connection
from django.utils import timezone
from redis import asyncio as async_redis

from notifications.live.announcement import REDIS_TIMEOUT, channel_of
from notifications.models import Notification

POLL_EVERY = 1.0
OVERLAP = timedelta(seconds=60)
"""How long the writer of a message may take from its `sent_at` to its commit before a poll overlooks it."""

Connected = Callable[[], Collection[int]]
"""The ids of the people whose pages are open now."""


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
            await pubsub.subscribe(channel_of(client))
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
                recent = await loop.run_in_executor(executor, _recent, tuple(connected()), timezone.now())
                yield {user_id for id_, user_id in recent.items() if id_ not in seen}
                seen = set(recent)
                await asyncio.sleep(POLL_EVERY)
        finally:
            await asyncio.to_thread(executor.shutdown)


def _recent(user_ids: Sequence[int], now: datetime) -> dict[int, int]:
    """The messages of the last minute, id to recipient. The connection goes back at once: pages are open for days."""
    messages = Notification.objects.filter(
        recipient_id__in=user_ids,
        sent_at__gt=now - OVERLAP,
        scheduled_status=Notification.Status.SENT,
        in_inbox=True,
    )
    try:
        return dict(messages.values_list("id", "recipient_id"))
    finally:
        connection.close()
