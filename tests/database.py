"""The test database of each worker: a copy of one that was migrated once, if its migrations are still the same.

Migrating takes half a minute, copying none. What is copied is kept under a name that is made from the migrations: a
file in pytest's cache, on PostgreSQL a dump, which is read into a database beside the copies, once for each server. A
copy is made for one run and goes with it. `migrate` still runs on it, and finds nothing to do.

Tests that commit empty the tables when they are over, also of what migrations wrote. They come last, but a worker that
is through may take tests over from another one: before the first of these it gets a fresh copy.
"""

import fcntl
import hashlib
import os
import shutil
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import closing
from importlib.metadata import distributions
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import TransactionTestCase
from pytest_django import DjangoDbBlocker

from tests.other_database import let_go
from tests.services import dump_database, restore_database
from tests.two_databases import commits, uses_database


class Migrated(ABC):
    """The database that is kept, of one kind of server."""

    is_emptied = False
    """Whether a test has emptied this worker's copy."""

    @abstractmethod
    def copy(self) -> None:
        """Make it this worker's, if it is there; leave this worker none if it isn't."""

    @abstractmethod
    def keep(self) -> None:
        """Keep what this worker has migrated, unless it is kept already."""

    @abstractmethod
    def remove_copy(self) -> None:
        """Take this worker's own away."""


WRITTEN_BY_EACH_MIGRATE = {
    "auth_group",
    "auth_group_permissions",
    "auth_permission",
    "django_content_type",
    "django_migrations",
}
"""Wagtail's permissions of pages and collections are not among them: they are about rows that go."""
MIGRATED = pytest.StashKey[Migrated]()
BLOCKER = pytest.StashKey[DjangoDbBlocker]()


class OnSqlite(Migrated):
    def __init__(self, kept: Path) -> None:
        self._kept = kept.with_suffix(".sqlite3")
        self._own = Path(settings.DATABASES["default"]["TEST"]["NAME"])

    def copy(self) -> None:
        for journal in ("-wal", "-shm"):
            self._own.with_name(self._own.name + journal).unlink(missing_ok=True)
        if self._kept.exists():
            shutil.copyfile(self._kept, self._own)

    def keep(self) -> None:
        if self._kept.exists():
            return
        fresh = self._kept.with_suffix(f".{os.getpid()}")
        with closing(sqlite3.connect(self._own)) as source, closing(sqlite3.connect(fresh)) as copy:
            source.backup(copy)
        fresh.replace(self._kept)

    def remove_copy(self) -> None:
        """It goes with the data folder of the run."""


class OnPostgres(Migrated):
    def __init__(self, kept: Path) -> None:
        # What a newer server dumps an older one can't always read.
        self._dump = kept.with_name(f"{kept.name}.{self._ask('SHOW server_version_num')}.sql")
        self._kept = kept.name
        settings_dict = connection.settings_dict
        self._own = settings_dict["TEST"]["NAME"] or f"test_{settings_dict['NAME']}"

    def copy(self) -> None:
        self.remove_copy()
        if not self._is_kept() and self._dump.exists():
            self._restore()
        if self._is_kept():
            self._run(f'CREATE DATABASE "{self._own}" TEMPLATE "{self._kept}"')

    def keep(self) -> None:
        if self._is_kept():
            return
        # Only what nobody is connected to can be copied.
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's
        self._run(f'CREATE DATABASE "{self._kept}" TEMPLATE "{self._own}"')
        fresh = self._dump.with_suffix(f".{os.getpid()}")
        fresh.write_bytes(dump_database(self._url(self._kept)))
        fresh.replace(self._dump)

    def _restore(self) -> None:
        """Whole or not at all: a server that stays has no half of it under its name."""
        fresh = f"{self._kept}_{os.getpid()}"
        self._run(f'CREATE DATABASE "{fresh}"')
        restore_database(self._dump.read_bytes(), self._url(fresh))
        self._run(f'ALTER DATABASE "{fresh}" RENAME TO "{self._kept}"')

    def _url(self, name: str) -> str:
        return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()

    def remove_copy(self) -> None:
        self._run(f'DROP DATABASE IF EXISTS "{self._own}" WITH (FORCE)')

    def _is_kept(self) -> bool:
        return bool(self._ask(f"SELECT count(*) FROM pg_database WHERE datname = '{self._kept}'"))  # noqa: S608 - ours

    def _ask(self, question: str) -> Any:
        """By a connection of its own: the usual one must not be open before it has the test's database."""
        with connection._nodb_cursor() as cursor:
            cursor.execute(question)
            return cursor.fetchone()[0]

    def _run(self, statement: str) -> None:
        with connection._nodb_cursor() as cursor:
            cursor.execute(statement)


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """The copy that is there when Django comes is its own to use."""
    return True


@pytest.fixture(scope="session")
def _turn(request: pytest.FixtureRequest) -> TextIO:
    """A file that one worker at a time has open: whoever is first migrates, the others wait and copy."""
    turn = (request.config.cache.mkdir("migrated") / f"{connection.vendor}.lock").open("w")
    fcntl.flock(turn, fcntl.LOCK_EX)
    return turn


@pytest.fixture(scope="session")
def _migrated(
    request: pytest.FixtureRequest,
    _turn: TextIO,
    django_db_modify_db_settings: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[Migrated]:
    """A copy, if there is one to be had, which is there until the end of the run."""
    kept = request.config.cache.mkdir("migrated") / f"migrated_{_made_from(request.config.rootpath)}"
    with django_db_blocker.unblock():
        migrated = OnSqlite(kept) if connection.vendor == "sqlite" else OnPostgres(kept)
        migrated.copy()
    yield migrated
    with django_db_blocker.unblock():
        connection.close()
        migrated.remove_copy()


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    _turn: TextIO,
    _migrated: Migrated,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
) -> None:
    with django_db_blocker.unblock():
        _migrated.keep()
    _turn.close()
    request.session.stash[MIGRATED], request.session.stash[BLOCKER] = _migrated, django_db_blocker


@pytest.fixture(autouse=True, scope="session")
def _quick_emptying(django_test_environment: None) -> Iterator[None]:
    """Empty, after a test that commits, only the tables that have rows, and keep what each `migrate` writes.

    Django's `flush` truncates a hundred empty ones too and writes the permissions anew.
    """

    def empty(test: Any) -> None:
        for alias in test._databases_names(include_mirrors=False):
            _empty(connections[alias])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty)
        yield


def _empty(database: BaseDatabaseWrapper) -> None:
    """Foreign keys are looked at when it is over."""
    quoted = database.ops.quote_name
    names = database.introspection.django_table_names(only_existing=True, include_views=False)
    have_rows = " UNION ALL ".join(
        f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {quoted(name)})"  # noqa: S608 - our own tables
        for name in sorted(set(names) - WRITTEN_BY_EACH_MIGRATE)
    )
    with transaction.atomic(using=database.alias), database.cursor() as cursor:
        cursor.execute(have_rows)
        for [name] in cursor.fetchall():
            cursor.execute(f"DELETE FROM {quoted(name)}")  # noqa: S608 - the same


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    migrated = item.session.stash.get(MIGRATED, None)
    if migrated is None or not uses_database(item):
        return
    if commits(item):
        migrated.is_emptied = True
    elif migrated.is_emptied:
        with item.session.stash[BLOCKER].unblock():
            let_go()
            migrated.copy()
        migrated.is_emptied = False


def _made_from(root: Path) -> str:
    """Our migrations and the installed packages, which bring theirs."""
    made_from = hashlib.sha256()
    for migration in sorted(root.glob("*/migrations/*.py")):
        made_from.update(migration.read_bytes())
    made_from.update(repr(sorted((each.name, each.version) for each in distributions())).encode())
    return made_from.hexdigest()[:16]
