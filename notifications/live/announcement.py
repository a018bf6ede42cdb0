"""Telling open pages of new messages, through Redis."""

import json
import logging
from collections.abc import Collection, Iterator, Sequence
from itertools import islice

import redis
from django.conf import settings
from redis import asyncio as async_redis

logger = logging.getLogger(__name__)

REDIS_TIMEOUT = 2.0
CHUNK = 1_000


def channel_of(client: redis.Redis | async_redis.Redis) -> str:
    """Where pages of the site are told that has this database of Redis, in which its queue and cache are too.

    Redis itself hands what is published to all of its databases, so of two sites on one Redis each would hear for whom
    the other has news, by ids that mean somebody else there.
    """
    return f"medguard.inbox.{client.connection_pool.connection_kwargs.get('db') or 0}"


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
            channel = channel_of(client)
            for chunk in _chunks(user_ids):
                pipeline.publish(channel, json.dumps(chunk))
            pipeline.execute()
    except redis.RedisError:
        logger.exception("Redis can't be reached: open pages show new messages at their next look.")


def _chunks(user_ids: Collection[int]) -> Iterator[Sequence[int]]:
    iterator = iter(user_ids)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk
