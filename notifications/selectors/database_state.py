"""What PostgreSQL says of itself: who has had a transaction open for how long, and what nobody has tidied up.

Both hold up everybody and are seen on no page: while a transaction is open, no vacuum takes away what was changed or
deleted since it began, and tables grow until pages are slow. SQLite has neither; there is nothing to ask it.
"""

from dataclasses import dataclass

from django.db import connection

from notifications.models import Delivery, EventRecord, Notification

HOT = (Notification, Delivery, EventRecord)
"""The tables in which rows come and go all day. PostgreSQL is told to tidy these up sooner than others."""
OPEN_FOR = 600
"""Seconds. No page, worker or command of the site has a transaction open for so long, but for a backup."""
DEAD_ROWS = 100_000
DEAD_SHARE = 0.5
"""More dead rows than both, that and this share of those in use, and a vacuum is held up. It comes at a twentieth."""

# An autovacuum has no user. A transaction that was prepared has no session any more, and holds up as much.
_TRANSACTIONS = """
    SELECT coalesce(max(extract(epoch FROM clock_timestamp() - since)), 0), coalesce(sum(hidden), 0)
    FROM (
        SELECT xact_start AS since, (query = '<insufficient privilege>')::int AS hidden
        FROM pg_stat_activity
        WHERE datname = current_database() AND usesysid IS NOT NULL AND pid <> pg_backend_pid()
        UNION ALL
        SELECT prepared, 0 FROM pg_prepared_xacts WHERE database = current_database()
    ) AS open
"""
_ROWS = """
    SELECT relname, n_live_tup, n_dead_tup FROM pg_stat_user_tables
    WHERE relid = ANY (SELECT to_regclass(name) FROM unnest(%s::text[]) AS name)
"""


@dataclass(frozen=True, slots=True)
class Transactions:
    """For how many seconds the oldest one of others has been open (0: none is), and how many sessions of other accounts
    can't be looked into: whether these have one open isn't known.
    """

    oldest_seconds: float
    hidden: int

    @property
    def are_too_old(self) -> bool:
        return self.oldest_seconds > OPEN_FOR


@dataclass(frozen=True, slots=True)
class Table:
    """About how many rows of a table are in use, and how many dead ones are still to be taken away."""

    name: str
    live: int
    dead: int

    @property
    def is_untidy(self) -> bool:
        return self.dead > max(DEAD_ROWS, DEAD_SHARE * self.live)


def transactions() -> Transactions | None:
    """As they are now, by the database's clock; None on SQLite. One query, which needs no rights.

    PostgreSQL shows an account its own sessions, and those of others only to members of pg_read_all_stats.
    """
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute(_TRANSACTIONS)
        seconds, hidden = cursor.fetchone()
    return Transactions(max(0.0, float(seconds)), int(hidden))


def hot_tables() -> list[Table]:
    """By name; none on SQLite. One query, of counts that PostgreSQL keeps: no table is read."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, [[model._meta.db_table for model in HOT]])
        return sorted((Table(*row) for row in cursor.fetchall()), key=lambda table: table.name)
