"""Which limits a server is told, and what a migration does that isn't let in."""

from typing import Any

import psycopg.errors
import pytest
from django.db import OperationalError

from site_config.database_limits import MIGRATION_TRIES, migrate_patiently, parameters
from tests.site_config.test_production import started_with

ALL = {"statement": 15, "lock": 10, "idle": 60, "transaction": 25}


def test_a_server_is_told_the_limits_that_it_knows() -> None:
    older = {
        "statement_timeout": "15s",
        "lock_timeout": "10s",
        "idle_in_transaction_session_timeout": "60s",
    }
    assert parameters(ALL, version=160_004) == older
    assert parameters(ALL, version=170_000) == {**older, "transaction_timeout": "25s"}
    assert parameters({}, version=180_000) == {}


@pytest.mark.parametrize(
    ("said", "read"),
    [("statement=5", {"statement": 5}), (" lock = 3 , idle=9", {"lock": 3, "idle": 9}), ("", {})],
)
def test_what_is_not_named_is_left_to_the_server(said: str, read: dict[str, int]) -> None:
    code = "import site_config.environment as e; print(e.DATABASE_LIMITS_PAGES)"
    assert started_with(code, DATABASE_LIMITS_PAGES=said).stdout.strip() == str(read)


def test_a_pages_transaction_ends_before_its_worker_is_killed() -> None:
    code = (
        "import site_config.environment as e, site_config.gunicorn as g;"
        "pages = e.DATABASE_LIMITS_PAGES;"
        "print(max(pages['statement'], pages['lock'], pages['transaction']) < g.timeout)"
    )
    assert started_with(code).stdout.strip() == "True"


DOORS = {
    "pages by WSGI": ("import site_config.wsgi", "PAGES"),
    "pages by ASGI": ("import site_config.asgi", "PAGES"),
    "a consumer": ("run_huey", "WORK"),
    "a migration": ("migrate", "MIGRATIONS"),
    "another command": ("check", "COMMANDS"),
}
WATCH = """
from site_config import database_limits, environment
def said(limits):
    names = ("PAGES", "WORK", "MIGRATIONS", "COMMANDS")
    print(*(name for name in names if limits is getattr(environment, f"DATABASE_LIMITS_{name}")))
database_limits.limit_connections = said
import django.core.management
django.core.management.execute_from_command_line = print
"""


@pytest.mark.parametrize("door", DOORS)
def test_each_process_says_at_its_door_what_it_is(door: str) -> None:
    what, limits = DOORS[door]
    command = (
        f"import runpy, sys; sys.argv[:] = ['manage.py', {what!r}];"
        "runpy.run_path('manage.py', run_name='__main__')"
    )
    done = started_with(WATCH + (what if what.startswith("import") else command))
    assert done.stdout.splitlines()[:1] == [limits], done.stderr


def lock_timeout() -> OperationalError:
    error = OperationalError("canceling statement due to lock timeout")
    error.__cause__ = psycopg.errors.LockNotAvailable("canceling statement due to lock timeout")
    return error


def test_a_migration_that_is_not_let_in_comes_back_and_says_so() -> None:
    errors: list[Exception] = [lock_timeout(), lock_timeout()]
    said: list[str] = []

    def migrate() -> None:
        if errors:
            raise errors.pop()

    migrate_patiently(migrate, say=said.append, wait=0)
    assert said == [
        f"A table is in use; trying again in 0 s, {MIGRATION_TRIES - 1} more times.",
        f"A table is in use; trying again in 0 s, {MIGRATION_TRIES - 2} more times.",
    ]


def test_a_migration_that_is_never_let_in_ends_in_words() -> None:
    def migrate() -> None:
        raise lock_timeout()

    said: list[str] = []
    with pytest.raises(SystemExit, match="Nothing is half changed"):
        migrate_patiently(migrate, say=said.append, wait=0)
    assert len(said) == MIGRATION_TRIES - 1


def test_another_error_of_a_migration_is_raised_at_once() -> None:
    said: list[str] = []

    def migrate() -> Any:
        raise OperationalError("the server closed the connection")

    with pytest.raises(OperationalError):
        migrate_patiently(migrate, say=said.append, wait=0)
    assert said == []
