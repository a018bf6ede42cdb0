"""The database of before: what is in tests/upgrade/before.json.gz, and how an empty database comes to hold it."""

import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.db import connection, transaction

FILE = Path(__file__).with_name("before.json.gz")


@dataclass(frozen=True)
class Before:
    """What the old database held, by the names that tables and columns had. `now` is when it was left."""

    now: datetime
    schema: Mapping[str, Any]
    tables: Mapping[str, Mapping[str, Any]]

    def rows(self, table: str) -> list[dict[str, Any]]:
        """The rows as SQLite keeps them: moments are texts in UTC, which sort as they follow each other."""
        columns = self.tables[table]["columns"]
        return [dict(zip(columns, row, strict=True)) for row in self.tables[table]["rows"]]

    def by_id(self, table: str) -> dict[int, dict[str, Any]]:
        return {row["id"]: row for row in self.rows(table)}


@cache
def before() -> Before:
    content = json.loads(gzip.decompress(FILE.read_bytes()))
    return Before(datetime.fromisoformat(content["now"]), content["schema"], content["tables"])


def restore(old: Before) -> None:
    """Make the old database's tables in the empty one behind the default connection, and fill them."""
    schema = old.schema[connection.vendor]
    with connection.cursor() as cursor:
        # In SQLite statement by statement, in PostgreSQL as one text.
        for statement in [schema] if isinstance(schema, str) else schema:
            cursor.execute(statement)
    with transaction.atomic(), connection.cursor() as cursor:
        for name, content in old.tables.items():
            _insert(cursor, name, content["columns"], content["rows"])


def counts(tables: Sequence[str]) -> dict[str, int]:
    """How many rows each of these tables has now."""
    with connection.cursor() as cursor:
        found = {}
        for name in tables:
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(name)}")  # noqa: S608
            found[name] = cursor.fetchone()[0]
    return found


def _insert(cursor: Any, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    quote = connection.ops.quote_name
    truths = _truths(cursor, table)
    values = [
        [
            bool(value) if name in truths and value is not None else value
            for name, value in zip(columns, row, strict=True)
        ]
        for row in rows
    ]
    places = ", ".join(["%s"] * len(columns))
    names = ", ".join(map(quote, columns))
    cursor.executemany(f"INSERT INTO {quote(table)} ({names}) VALUES ({places})", values)  # noqa: S608
    if connection.vendor == "postgresql" and "id" in columns:
        # A table that counts its own ids goes on after the last of these.
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence(%s, 'id'), max(id)) FROM {quote(table)}",  # noqa: S608
            [quote(table)],
        )


def _truths(cursor: Any, table: str) -> set[str]:
    """The columns that are true or false on PostgreSQL, which takes no 0 and 1 for that."""
    if connection.vendor != "postgresql":
        return set()
    cursor.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND data_type = 'boolean'",
        [table],
    )
    return {name for (name,) in cursor.fetchall()}
