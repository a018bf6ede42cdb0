"""Databases beside that of the tests: made, put behind the default connection for a while, and taken away."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import connection


@contextmanager
def connected_to(name: str) -> Iterator[None]:
    """Have all threads use this database as the site's own, with nothing remembered of another."""
    usual = connection.settings_dict["NAME"]
    let_go()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        let_go()
        connection.settings_dict["NAME"] = usual


def let_go() -> None:
    """Close what this process has open of the database, and forget what it remembers of it."""
    connection.close()
    if connection.vendor == "postgresql":
        pooled: Any = connection
        pooled.close_pool()
    ContentType.objects.clear_cache()
    cache.clear()


def make(name: str, *, copied_from: str = "") -> None:
    """An empty database, or a copy of one that nobody else is connected to."""
    let_go()
    if connection.vendor == "sqlite":
        Path(name).write_bytes(Path(copied_from).read_bytes() if copied_from else b"")
        return
    template = f" TEMPLATE {connection.ops.quote_name(copied_from)}" if copied_from else ""
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {connection.ops.quote_name(name)}{template}")


def drop(name: str) -> None:
    if connection.vendor == "sqlite":
        Path(name).unlink()
        return
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE {connection.ops.quote_name(name)}")
