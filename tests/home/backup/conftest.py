"""A site with the demo and a row of each encrypted kind, its backup, and empty databases to restore into."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.test import override_settings

from home.backup import tables
from home.backup.services import backup
from home.models import UserSession
from tests.notifications.encryption.test_rotation import fill
from tests.other_database import connected_to, drop, make

MADE_AT = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
KEY = Fernet.generate_key().decode()

Content = dict[str, list[bytes]]


def content() -> Content:
    """All rows of all tables, in a form that is the same on both databases."""
    with tables.snapshot() as rows:
        return {
            table: sorted(tables.written(row, columns) for row in rows(table, columns))
            for table, columns in tables.all_tables().items()
        }


@dataclass(frozen=True)
class Full:
    """`folder` is its data folder."""

    database: str
    folder: Path
    backup: Path
    content: Content


@pytest.fixture
def _django_db_helper(django_db_setup: None) -> None:
    """Instead of pytest-django's own: each test has a database to itself, and the usual one is left alone."""


@pytest.fixture(scope="session")
def new_database(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    def name(what: str) -> str:
        if connection.vendor == "sqlite":
            return str(tmp_path_factory.mktemp(what) / f"{what}.sqlite3")
        return f"{what}_{os.getpid()}"

    return name


@pytest.fixture(scope="module")
def full(
    new_database: Callable[[str], str],
    tmp_path_factory: pytest.TempPathFactory,
    django_db_setup: None,
    django_db_blocker: Any,
) -> Iterator[Full]:
    name, folder = new_database("full"), tmp_path_factory.mktemp("data")
    media = folder / "media" / "original_images"
    media.mkdir(parents=True)
    (media / "Thandi’s card.png").write_bytes(os.urandom(3_000_000))
    (folder / "vapid-private-key").write_text("a key")
    (folder / "medguard.sqlite3").write_text("not this one")
    file = folder / "site.backup"
    data = {"DATA_DIR": folder, "MEDIA_ROOT": folder / "media", "FIELD_ENCRYPTION_KEYS": [KEY]}
    with django_db_blocker.unblock():
        make(name, copied_from=connection.settings_dict["NAME"])
        with connected_to(name), override_settings(**data):
            call_command("load_demo", force=True, stdout=StringIO())
            session = Session.objects.create(session_key="s" * 32, session_data="", expire_date=MADE_AT)
            UserSession.objects.create(session=session, user=fill())
            backup(file, now=MADE_AT)
            there = content()
        yield Full(name, folder, file, there)
        drop(name)


@pytest.fixture
def site(full: Full, settings: Any, tmp_path: Path) -> Path:
    """Another machine: the keys, and an empty data folder."""
    settings.FIELD_ENCRYPTION_KEYS = [KEY]
    settings.DATA_DIR, settings.MEDIA_ROOT = tmp_path / "data", tmp_path / "data" / "media"
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


@pytest.fixture
def empty(new_database: Callable[[str], str], site: Path, django_db_blocker: Any) -> Iterator[None]:
    """A database without tables is the site's."""
    yield from _behind(new_database("empty"), "", django_db_blocker)


@pytest.fixture
def migrated(
    new_database: Callable[[str], str], site: Path, django_db_setup: None, django_db_blocker: Any
) -> Iterator[None]:
    """A database that has its tables, and nobody in them, is the site's."""
    yield from _behind(new_database("migrated"), connection.settings_dict["NAME"], django_db_blocker)


@pytest.fixture
def used(
    new_database: Callable[[str], str], full: Full, site: Path, django_db_blocker: Any
) -> Iterator[None]:
    """A copy of the full one is the site's."""
    yield from _behind(new_database("used"), full.database, django_db_blocker)


def _behind(name: str, copied_from: str, blocker: Any) -> Iterator[None]:
    with blocker.unblock():
        make(name, copied_from=copied_from)
        with connected_to(name):
            yield
        drop(name)
