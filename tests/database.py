"""The test database of each worker: a copy of one that was migrated once, if its migrations are still the same.

Migrating takes half a minute, copying none. What is copied is kept under a name that is made from the migrations: a
file in pytest's cache, on PostgreSQL a dump, which is read into a database beside the copies, once for each server. A
copy is made for one run and goes with it. `migrate` still runs on it, and finds nothing to do. So is the old database
kept that was brought up to date (tests/upgrade/conftest.py).

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
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import urlsplit

import pytest
from django.db import connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import TransactionTestCase
from pytest_django import DjangoDbBlocker

from tests.other_database import let_go
from tests.services import dump_database, restore_database
from tests.two_databases import commits, uses_database


class Kept(ABC):
    """A database of one kind of server that is made once and copied."""

    name: str

    @abstractmethod
    def is_there(self) -> bool:
        """Whether it can be copied: if not, it is to be made first."""

    @abstractmethod
    def copy(self, name: str) -> None:
        """Make the database of that name a copy of it. Nothing of that name may be there."""

    @abstractmethod
    def keep(self, name: str) -> None:
        """Keep a copy of the database of that name, which nobody may be connected to."""

    @abstractmethod
    def remove(self, name: str) -> None:
        """Take the database of that name away, if it is there."""


class OnSqlite(Kept):
    def __init__(self, path: Path) -> None:
        self._file = path.with_suffix(".sqlite3")
        self.name = str(self._file)

    def is_there(self) -> bool:
        return self._file.exists()

    def copy(self, name: str) -> None:
        shutil.copyfile(self._file, name)

    def keep(self, name: str) -> None:
        fresh = self._file.with_suffix(f".{os.getpid()}")
        with closing(sqlite3.connect(name)) as source, closing(sqlite3.connect(fresh)) as copy:
            source.backup(copy)
        fresh.replace(self._file)

    def remove(self, name: str) -> None:
        for file in (name, f"{name}-wal", f"{name}-shm"):
            Path(file).unlink(missing_ok=True)


class OnPostgres(Kept):
    def __init__(self, path: Path) -> None:
        # What a newer server dumps an older one can't always read.
        self._dump = path.with_name(f"{path.name}.{self._ask('SHOW server_version_num')}.sql")
        self.name = path.name

    def is_there(self) -> bool:
        if not self._is_on_server() and self._dump.exists():
            self._restore()
        return self._is_on_server()

    def copy(self, name: str) -> None:
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{self.name}"')

    def keep(self, name: str) -> None:
        self._run(f'CREATE DATABASE "{self.name}" TEMPLATE "{name}"')
        fresh = self._dump.with_suffix(f".{os.getpid()}")
        fresh.write_bytes(dump_database(self._url(self.name)))
        fresh.replace(self._dump)

    def remove(self, name: str) -> None:
        self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _restore(self) -> None:
        """Whole or not at all: a server that stays has no half of it under its name."""
        fresh = f"{self.name}_{os.getpid()}"
        self._run(f'CREATE DATABASE "{fresh}"')
        restore_database(self._dump.read_bytes(), self._url(fresh))
        self._run(f'ALTER DATABASE "{fresh}" RENAME TO "{self.name}"')

    def _url(self, name: str) -> str:
        return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()

    def _is_on_server(self) -> bool:
        return bool(self._ask(f"SELECT count(*) FROM pg_database WHERE datname = '{self.name}'"))  # noqa: S608 - ours

    def _ask(self, question: str) -> Any:
        """By a connection of its own: the usual one must not be open before it has the test's database."""
        with connection._nodb_cursor() as cursor:
            cursor.execute(question)
            return cursor.fetchone()[0]

    def _run(self, statement: str) -> None:
        with connection._nodb_cursor() as cursor:
            cursor.execute(statement)


def kept(config: pytest.Config, what: str, *more: bytes) -> Kept:
    """On this run's kind of server; made from these migrations, the installed packages, and `more`."""
    path = kept_path(config, what, *more)
    return OnSqlite(path) if connection.vendor == "sqlite" else OnPostgres(path)


def kept_path(config: pytest.Config, what: str, *more: bytes) -> Path:
    """Where, without a suffix: elsewhere with other migrations, of our own or of packages, and with other `more`."""
    made_from = hashlib.sha256()
    for migration in sorted(config.rootpath.glob("*/migrations/*.py")):
        made_from.update(migration.read_bytes())
    made_from.update(repr(sorted((each.name, each.version) for each in distributions())).encode())
    for each in more:
        made_from.update(each)
    return config.cache.mkdir("migrated") / f"{what}_{made_from.hexdigest()[:16]}"


def turn(config: pytest.Config, what: str) -> TextIO:
    """A file that one worker at a time has open: whoever is first makes what is kept, the others wait and copy."""
    file = (config.cache.mkdir("migrated") / f"{what}.{connection.vendor}.lock").open("w")
    fcntl.flock(file, fcntl.LOCK_EX)
    return file


@dataclass
class Copy:
    """This worker's own database."""

    kept: Kept
    name: str
    is_emptied: bool = False
    """Whether a test has emptied it."""

    def make(self) -> None:
        """Anew, if there is something to copy; leave this worker none if there isn't."""
        self.kept.remove(self.name)
        if self.kept.is_there():
            self.kept.copy(self.name)


WRITTEN_BY_EACH_MIGRATE = {
    "auth_group",
    "auth_group_permissions",
    "auth_permission",
    "django_content_type",
    "django_migrations",
}
"""Wagtail's permissions of pages and collections are not among them: they are about rows that go."""
COPY = pytest.StashKey[Copy]()
BLOCKER = pytest.StashKey[DjangoDbBlocker]()


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """The copy that is there when Django comes is its own to use."""
    return True


@pytest.fixture(scope="session")
def _turn(request: pytest.FixtureRequest) -> TextIO:
    return turn(request.config, "migrated")


@pytest.fixture(scope="session")
def _copy(
    request: pytest.FixtureRequest,
    _turn: TextIO,
    django_db_modify_db_settings: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[Copy]:
    """A copy, if there is one to be had, which is there until the end of the run."""
    own = connection.settings_dict["TEST"]["NAME"] or f"test_{connection.settings_dict['NAME']}"
    with django_db_blocker.unblock():
        copy = Copy(kept(request.config, "migrated"), own)
        copy.make()
    yield copy
    with django_db_blocker.unblock():
        connection.close()
        copy.kept.remove(own)


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    _turn: TextIO,
    _copy: Copy,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
) -> None:
    with django_db_blocker.unblock():
        if not _copy.kept.is_there():
            let_go()
            _copy.kept.keep(_copy.name)
    _turn.close()
    request.session.stash[COPY], request.session.stash[BLOCKER] = _copy, django_db_blocker


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
    copy = item.session.stash.get(COPY, None)
    if copy is None or not uses_database(item):
        return
    if commits(item):
        copy.is_emptied = True
    elif copy.is_emptied:
        with item.session.stash[BLOCKER].unblock():
            let_go()
            copy.make()
        copy.is_emptied = False
