"""How long PostgreSQL waits for a process before it cuts it off (docs/decisions/0151).

What pages, consumers and commands may take differs, so each says at its door what it is. SQLite has none of these: it
waits half a minute for another writer (`timeout` in the settings).
"""

from collections.abc import Callable, Mapping
from time import sleep
from typing import Any
from weakref import WeakSet

from django.db import OperationalError
from django.db.backends.signals import connection_created

from notifications.database_errors import sqlstate
from site_config.environment import (
    DATABASE_LIMITS,
    DATABASE_LIMITS_COMMANDS,
    DATABASE_LIMITS_MIGRATIONS,
    DATABASE_LIMITS_WORK,
)

KNOWN_SINCE = {"transaction_timeout": 170_000}
"""The first version of the server that knows it, where ours may be older. Naming it to one before is an error."""
LOCK_NOT_AVAILABLE = "55P03"
MIGRATION_TRIES = 6
MIGRATION_WAIT = 10.0
"""Seconds between two of them, in which whoever waited behind the migration goes on."""


def limit_connections(limits: Mapping[str, int]) -> None:
    """Give each connection that this process opens from now on these limits: seconds, by the names in DATABASE_LIMITS.

    What isn't among them stays as the server has it for this account. A process that says so twice goes by the last.
    Each connection costs one question more when it is opened, not when a pool hands it out again. They are set for the
    session, so a PgBouncer in transaction mode would hand them on to others: there they are set for the account.
    """
    limited: WeakSet[Any] = WeakSet()

    def limit(connection: Any, **kwargs: object) -> None:
        session = connection.connection
        if connection.vendor != "postgresql" or session in limited:
            return
        if chosen := parameters(limits, version=session.info.server_version):
            sets = ", ".join(["set_config(%s, %s, false)"] * len(chosen))
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT {sets}", [each for pair in chosen.items() for each in pair])
        limited.add(session)

    connection_created.disconnect(dispatch_uid=__name__)
    connection_created.connect(limit, weak=False, dispatch_uid=__name__)


def limits_of(command: str) -> Mapping[str, int]:
    """Those of a management command; a consumer is one too."""
    its_own = {"run_huey": DATABASE_LIMITS_WORK, "migrate": DATABASE_LIMITS_MIGRATIONS}
    return its_own.get(command, DATABASE_LIMITS_COMMANDS)


def parameters(limits: Mapping[str, int], *, version: int) -> dict[str, str]:
    """The limits as a server of that version (as in 170002) takes them, without those that it doesn't know."""
    named = {DATABASE_LIMITS[name]: f"{seconds}s" for name, seconds in limits.items()}
    return {name: value for name, value in named.items() if version >= KNOWN_SINCE.get(name, 0)}


def migrate_patiently(
    migrate: Callable[[], object], *, say: Callable[[str], object], wait: float = MIGRATION_WAIT
) -> None:
    """Migrate, and begin again a few times when a table isn't to be had. What was done by then stays done.

    While a migration waits for a table, everybody waits behind it: so it waits for a few seconds only, lets them by,
    and comes back. Ends with a SystemExit, in words, when the table is held all the time.
    """
    for left in reversed(range(MIGRATION_TRIES)):
        try:
            migrate()
            return
        except OperationalError as error:
            if sqlstate(error) != LOCK_NOT_AVAILABLE:
                raise
            if not left:
                raise SystemExit(
                    "Somebody holds a table that has to be changed, and didn't let go of it. Nothing is half changed. "
                    "See who has a transaction open (docs/operations.md), then repeat `migrate`."
                ) from error
            say(f"A table is in use; trying again in {wait:g} s, {left} more times.")
            sleep(wait)
