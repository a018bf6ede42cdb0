"""Telling open pages of new messages, through Redis."""

import json
import logging
from collections.abc import Collection, Iterator, Sequence
from itertools import islice

import redis
from django.conf import settings

logger = logging.getLogger(__name__)

REDIS_CHANNEL = "medguard.inbox"
REDIS_TIMEOUT = 2.0
CHUNK = 1_000


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
