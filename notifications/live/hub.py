"""News for open pages: who has a new message is told at once, by one listener a process.

The workers and the web are different processes. With Redis the one publishes and the other subscribes; without it
the web looks into the database once a second while anybody's page is open. Either way a page that hears nothing
still asks by itself every minute, so nothing here has to be certain.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from weakref import WeakKeyDictionary

from django.conf import settings

from notifications.live.sources import PollSource, RedisSource, Source

logger = logging.getLogger(__name__)

READY_WITHIN = 2.0
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0


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
