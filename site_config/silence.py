"""How long the database and the queue may say nothing, before a connection to them is given up.

Without a limit a worker waits for ever for a server that is stopped, or for one behind a router that has forgotten the
connection: nothing of that is an error to it (docs/decisions/0150-what-a-broken-connection-may-double.md).
"""

import time
from typing import Any, ClassVar, TypeVar
from weakref import WeakKeyDictionary

import psycopg
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus

TO_POSTGRESQL = {
    "connect_timeout": 5,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""Parameters of libpq, in seconds and the last in milliseconds: a machine that is gone is noticed within 30 seconds,
whether it owes an answer or not. Without them psycopg waits for 130 seconds for a connection, and the system for two
hours until it asks whether the other side is still there.
"""
LONGEST_ANSWER = 60.0
"""Seconds that PostgreSQL may take for a statement of a page or a worker, of which the longest take a few."""
TO_REDIS = {"socket_connect_timeout": 3.0, "socket_timeout": 3.0}
"""Seconds. The queue's workers ask Redis to answer after one, if only that there is nothing to do."""

Result = TypeVar("Result")


class Connection(psycopg.Connection[Any]):
    """One to PostgreSQL that ends when an answer takes too long, and that takes the others of its pool with it.

    A server that is stopped, or a pooler that waits for one that is gone, answers keepalives and nothing else.
    """

    answer_within: ClassVar[float | None] = None
    """Seconds; None is for ever. A command may take its time, and somebody watches it."""
    emptied: ClassVar[WeakKeyDictionary[Any, float]] = WeakKeyDictionary()
    """When each pool of this process was emptied last (time.monotonic)."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.opened = time.monotonic()

    def wait(self, gen: PQGen[Result], interval: float = 0.1, timeout: float | None = None) -> Result:
        try:
            return super().wait(gen, interval, self.answer_within if timeout is None else timeout)
        except psycopg.OperationalError as error:
            is_silent = self.pgconn.transaction_status == TransactionStatus.ACTIVE
            if is_silent:
                # The answer may come still, and would be taken for that to the next statement.
                self.pgconn.finish()
            if self.closed:
                self._empty_pool()
            if is_silent:
                raise psycopg.OperationalError("The database says nothing.") from error
            raise

    def execute(self, *arguments: Any, **named: Any) -> psycopg.Cursor[Any]:
        """By which the pool asks whether it works still; everybody else has a cursor."""
        try:
            return super().execute(*arguments, **named)
        except psycopg.OperationalError:
            # Also where the server's last word is there before the end of the connection.
            self._empty_pool()
            raise

    def _empty_pool(self) -> None:
        """What broke this connection broke those beside it. The pool would look at one after the other, and wait twice
        as long after each: with five of them a page had none within its 15 seconds.
        """
        pool = getattr(self, "_pool", None)
        if pool is not None and self.opened > self.emptied.get(pool, 0.0):
            self.emptied[pool] = time.monotonic()
            pool.drain()


def limit_answers() -> None:
    """From now on this process waits no longer than LONGEST_ANSWER; for those that people or messages wait for."""
    Connection.answer_within = LONGEST_ANSWER
