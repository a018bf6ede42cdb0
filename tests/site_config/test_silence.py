"""Redis that lets us in and says nothing: who waits for it gives up. For PostgreSQL see tests/faults."""

import socket
import time
from collections.abc import Iterator

import pytest
from huey import PriorityRedisExpireHuey
from redis import ConnectionPool, RedisError

from site_config.silence import TO_REDIS, Connection


@pytest.fixture
def silent_server() -> Iterator[int]:
    """A port that the system answers for, and nobody else."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_queue_that_says_nothing_holds_up_a_page_no_longer_than_its_limit(silent_server: int) -> None:
    brief = dict.fromkeys(TO_REDIS, 0.2)
    pool = ConnectionPool.from_url(f"redis://127.0.0.1:{silent_server}/0", **brief)
    queue = PriorityRedisExpireHuey("silent", connection_pool=pool)
    began = time.monotonic()
    with pytest.raises(RedisError):
        queue.storage.enqueue(b"a task", 50)
    assert time.monotonic() - began < 5


class Pool:
    """As much of a pool as its connections know."""

    def __init__(self) -> None:
        self.drained = 0

    def drain(self) -> None:
        self.drained += 1

    def connection(self, *, opened: float) -> Connection:
        found = object.__new__(Connection)
        found._pool, found.opened = self, opened  # type: ignore[assignment]
        return found


def test_a_connection_that_broke_takes_those_with_it_that_were_open_beside_it_once() -> None:
    pool, other = Pool(), Pool()
    old = [pool.connection(opened=time.monotonic()) for _ in range(3)]
    for each in old:
        each._empty_pool()
    assert (pool.drained, other.drained) == (1, 0)

    pool.connection(opened=time.monotonic())._empty_pool()
    assert pool.drained == 2, "one that was opened since says that all broke once more"
