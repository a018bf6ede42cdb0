"""A database for one run, which finds it as it was prepared and leaves in it what it likes; and many rows for it."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import TypeVar
from urllib.parse import urlsplit

import psycopg
from django.db import connection
from django.db.models import Model
from psycopg.sql import SQL, Identifier

T = TypeVar("T")


@contextmanager
def copy(url: str, suffix: str) -> Iterator[str]:
    """Give the URL of a copy, named so, to which nobody may be connected who copies it in turn. It goes in the end,
    whoever is connected to it. Nobody may be connected to the original.
    """
    parts = urlsplit(url)
    original = _name(url)
    name = f"{original}_{suffix}"
    drop = SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name))
    # File by file, which leaves nothing that PostgreSQL would have to write to its disk while something is measured.
    make = SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
    with psycopg.connect(parts._replace(path="/postgres").geturl(), autocommit=True) as server:
        server.execute(drop)
        try:
            server.execute(make.format(Identifier(name), Identifier(original)))
            yield parts._replace(path=f"/{name}").geturl()
        finally:
            server.execute(drop)


def in_database(url: str, call: Callable[[], T]) -> T:
    """Call it in a process of its own, connected to this database."""
    with ProcessPoolExecutor(1, get_context("fork")) as process:
        return process.submit(_call_in, url, call).result()


def disconnect() -> None:
    """What is open can't be shared with other processes, nor a database copied that is in use."""
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's


def _call_in(url: str, call: Callable[[], T]) -> T:
    os.environ["DATABASE_URL"] = url  # for the programs that it starts
    connection.settings_dict["NAME"] = _name(url)
    return call()


def _name(url: str) -> str:
    return urlsplit(url).path.removeprefix("/")


@contextmanager
def without_indexes(*models: type[Model]) -> Iterator[None]:
    """Millions of rows are put into these tables meanwhile: what looks each of them up is made anew afterwards, of all
    at once. Primary keys stay.
    """
    tables = [model._meta.db_table for model in models]
    with connection.cursor() as cursor:
        cursor.execute(CONSTRAINTS, [tables])
        constraints = cursor.fetchall()
        for table, name, _definition in constraints:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        cursor.execute(INDEXES, [tables])
        indexes = cursor.fetchall()
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {name}")
    yield
    with connection.cursor() as cursor:
        for _name, definition in indexes:
            cursor.execute(definition)
        for table, name, definition in constraints:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


CONSTRAINTS = """
SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = ANY(%s::regclass[]) AND contype IN ('f', 'u')
"""
INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid = ANY(%s::regclass[]) AND NOT indisprimary
"""
