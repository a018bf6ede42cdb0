"""The old database, brought up to date once in a run; each test gets a copy of it behind the default connection."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from huey.contrib.djhuey import HUEY

from tests.upgrade.before import Before, before, restore

LATER = timedelta(minutes=5)
"""How long the site was away for its upgrade: all leases of before are over, all that was for later still is."""


@pytest.fixture(scope="session")
def old() -> Before:
    return before()


@pytest.fixture(scope="session")
def upgraded(old: Before, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a database that was made by the old commit and is migrated to today; not to be written to."""
    name = f"upgrade_{os.getpid()}"
    if connection.vendor == "sqlite":
        name = str(tmp_path_factory.mktemp("upgrade") / f"{name}.sqlite3")
    with django_db_blocker.unblock():
        _make(name)
        with _connected_to(name), time_machine.travel(old.now + LATER):
            restore(old)
            call_command("migrate", verbosity=0)
    yield name
    with django_db_blocker.unblock():
        _drop(name)


@pytest.fixture
def site(upgraded: str, old: Before, django_db_blocker: Any, settings: Any, tmp_path: Path) -> Iterator[None]:
    """The site as it comes up again, minutes after it was left. What it sends is in its mailbox and in a folder."""
    settings.SMS_PROVIDERS = ["file"]
    settings.SMS_FILE_PATH = tmp_path / "sms"
    name = f"{Path(upgraded).with_suffix('')}_copy{Path(upgraded).suffix}"
    HUEY.flush()
    with django_db_blocker.unblock():
        _make(name, copied_from=upgraded)
        with _connected_to(name), time_machine.travel(old.now + LATER):
            yield
        _drop(name)
    HUEY.flush()


@contextmanager
def _connected_to(name: str) -> Iterator[None]:
    """Have all threads use this database as the site's own, with nothing remembered of another."""
    usual = connection.settings_dict["NAME"]
    _let_go()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        _let_go()
        connection.settings_dict["NAME"] = usual


def _let_go() -> None:
    connection.close()
    if connection.vendor == "postgresql":
        pooled: Any = connection
        pooled.close_pool()
    ContentType.objects.clear_cache()
    cache.clear()


def _make(name: str, *, copied_from: str = "") -> None:
    if connection.vendor == "sqlite":
        Path(name).write_bytes(Path(copied_from).read_bytes() if copied_from else b"")
        return
    template = f" TEMPLATE {connection.ops.quote_name(copied_from)}" if copied_from else ""
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {connection.ops.quote_name(name)}{template}")


def _drop(name: str) -> None:
    if connection.vendor == "sqlite":
        Path(name).unlink()
        return
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE {connection.ops.quote_name(name)}")
