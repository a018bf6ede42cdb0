"""A cache on Redis that is worth having and never needed: without Redis it is empty."""

import logging
import time
from typing import Any

import redis
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.backoff import NoBackoff
from redis.retry import Retry

logger = logging.getLogger(__name__)

TIMEOUT = 1.0
"""Seconds that Redis may take to answer; a healthy one takes a thousandth of it."""
PAUSE = 5.0
"""Seconds in which a Redis that did not answer isn't asked again, so that pages needn't wait for each time-out."""
SESSION_SECONDS = 60


_silent_until: dict[str, float] = {}
"""By server, for the whole process: Django makes a cache anew for each thread, under ASGI for each request."""


class _Client(RedisCacheClient):
    """Answers as an empty cache does while Redis can't be reached."""

    def __init__(self, servers: list[str], **options: Any) -> None:
        # Once more at once: a connection that was kept may have lost its server since, which is no outage.
        options["retry"] = Retry(NoBackoff(), 1)
        super().__init__(servers, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT, **options)
        self._server = servers[0]

    def _ask(self, method: str, without: Any, *arguments: Any) -> Any:
        if time.monotonic() < _silent_until.get(self._server, 0.0):
            return without
        try:
            return getattr(super(), method)(*arguments)
        except (redis.ConnectionError, redis.TimeoutError) as error:
            _silent_until[self._server] = time.monotonic() + PAUSE
            logger.warning("The cache can't be reached (%s); going on without it.", type(error).__name__)
            return without

    def add(self, key: Any, value: Any, timeout: Any) -> bool:
        return bool(self._ask("add", True, key, value, timeout))

    def get(self, key: Any, default: Any) -> Any:
        return self._ask("get", default, key, default)

    def set(self, key: Any, value: Any, timeout: Any) -> None:
        self._ask("set", None, key, value, timeout)

    def touch(self, key: Any, timeout: Any) -> bool:
        return bool(self._ask("touch", False, key, timeout))

    def delete(self, key: Any) -> bool:
        return bool(self._ask("delete", False, key))

    def get_many(self, keys: Any) -> dict[Any, Any]:
        found: dict[Any, Any] = self._ask("get_many", {}, keys)
        return found

    def has_key(self, key: Any) -> bool:
        return bool(self._ask("has_key", False, key))

    def incr(self, key: Any, delta: Any) -> int:
        return int(self._ask("incr", delta, key, delta))

    def set_many(self, data: Any, timeout: Any) -> None:
        self._ask("set_many", None, data, timeout)

    def delete_many(self, keys: Any) -> None:
        self._ask("delete_many", None, keys)

    def clear(self) -> bool:
        return bool(self._ask("clear", False))


class ForgivingRedisCache(RedisCache):
    """Django's cache on Redis; an outage of Redis is a cache in which nothing is found, and no error of the page."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _Client


class SessionCache(ForgivingRedisCache):
    """For sessions, which the database holds: spares most look-ups there, and is believed for a minute at most.

    Somebody who signs out while Redis can't be reached isn't signed in again for longer than that when it is back.
    """

    def get_backend_timeout(self, timeout: Any = DEFAULT_TIMEOUT) -> int:
        given = super().get_backend_timeout(timeout)
        return SESSION_SECONDS if given is None else min(int(given), SESSION_SECONDS)
