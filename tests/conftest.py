"""The test database: on SQLite a copy of one that was migrated before, if its migrations are still the same."""

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from importlib.metadata import distributions
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation


@pytest.fixture(autouse=True)
def _language_of_the_site() -> Iterator[None]:
    """A request leaves its reader's language behind in the thread, as in a server whose next request sets its own."""
    yield
    translation.deactivate()


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Kept, never reused: an SQLite file goes with the run's data folder, a PostgreSQL database with its server."""
    return _on_sqlite()


@pytest.fixture(scope="session")
def django_db_setup(request: pytest.FixtureRequest, _migrated_copy: None, django_db_setup: None) -> None:
    if _on_sqlite() and not (kept := _kept_file(request.config)).exists():
        fresh = kept.with_suffix(f".{os.getpid()}")
        with closing(sqlite3.connect(_test_file())) as source, closing(sqlite3.connect(fresh)) as copy:
            source.backup(copy)
        fresh.replace(kept)


@pytest.fixture(scope="session")
def _migrated_copy(request: pytest.FixtureRequest, django_db_modify_db_settings: None) -> None:
    """Migrating takes many seconds, copying none; `migrate` still runs on the copy and finds nothing to do."""
    if _on_sqlite() and (kept := _kept_file(request.config)).exists():
        shutil.copyfile(kept, _test_file())


def _on_sqlite() -> bool:
    return str(settings.DATABASES["default"]["ENGINE"]).endswith("sqlite3")


def _test_file() -> Path:
    return Path(settings.DATABASES["default"]["TEST"]["NAME"])


def _kept_file(config: pytest.Config) -> Path:
    """Named for what it was made from: our migrations and the installed packages, which bring theirs."""
    made_from = hashlib.sha256()
    for migration in sorted(config.rootpath.glob("*/migrations/*.py")):
        made_from.update(migration.read_bytes())
    made_from.update(repr(sorted((each.name, each.version) for each in distributions())).encode())
    return Path(config.cache.mkdir("migrated")) / f"{made_from.hexdigest()[:16]}.sqlite3"
