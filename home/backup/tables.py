"""Rows of all tables in a form that both kinds of database read: one JSON text a row.

Values are taken as the tables have them, so what is encrypted stays so, and needs no key.
"""

import base64
import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection, models, transaction

Columns = list[list[str]]
"""Name and kind of each."""
Rows = Callable[[str, Columns], Iterator[Sequence[Any]]]

AT_ONCE = 1000
LEFT_OUT = {
    "django_session",  # whoever was signed in then must not be so again
    "home_usersession",
    "knox_authtoken",
    "notifications_consumerheartbeat",
    "wagtailadmin_editingsession",
    "wagtailsearch_indexentry",  # made anew, for it differs between databases
    "wagtailsearch_indexentry_fts",  # SQLite's, which follows the one above
}

_KINDS = {
    "AutoField": "id",
    "BigAutoField": "id",
    "SmallAutoField": "id",
    "BinaryField": "bytes",
    "BooleanField": "truth",
    "DateField": "day",
    "DateTimeField": "moment",
    "DecimalField": "decimal",
    "GenericIPAddressField": "text",
    "JSONField": "json",
    "TimeField": "time",
    "UUIDField": "uuid",
}


def all_tables() -> dict[str, Columns]:
    """The tables of all models but those of LEFT_OUT, each with its columns."""
    tables = {}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy and model._meta.db_table not in LEFT_OUT:
            fields = model._meta.local_concrete_fields
            tables[model._meta.db_table] = [[str(field.column), _kind(field)] for field in fields]
    return tables


def _kind(field: models.Field[Any, Any]) -> str:
    if field.remote_field:
        kind = _kind(field.target_field)  # type: ignore[attr-defined]
        return "plain" if kind == "id" else kind
    return _KINDS.get(field.get_internal_type(), "plain")


@contextmanager
def snapshot() -> Iterator[Rows]:
    """Reads all tables as they are at one moment, in little memory, while others write."""
    if connection.vendor == "sqlite":
        # A connection of its own: the site's would begin by locking out those who write.
        file = Path(connection.settings_dict["NAME"]).resolve().as_uri()
        with closing(sqlite3.connect(f"{file}?mode=ro", uri=True)) as own:
            own.isolation_level = None
            own.execute("BEGIN")
            own.execute("SELECT 1 FROM django_migrations LIMIT 1").fetchall()  # from here on nothing changes
            yield lambda table, columns: iter(own.execute(_select(table, columns)))
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")

        def rows(table: str, columns: Columns) -> Iterator[Sequence[Any]]:
            with connection.chunked_cursor() as cursor:
                cursor.execute(_select(table, columns))
                while some := cursor.fetchmany(AT_ONCE):
                    yield from some

        yield rows


def _select(table: str, columns: Columns) -> str:
    quote = connection.ops.quote_name
    return f"SELECT {', '.join(quote(name) for name, _kind in columns)} FROM {quote(table)}"


def written(row: Sequence[Any], columns: Columns) -> bytes:
    """A line of a row."""
    values = [
        None if value is None else _PORTABLE[kind](value)
        for value, (_name, kind) in zip(row, columns, strict=True)
    ]
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _moment(value: Any) -> str:
    if isinstance(value, str):
        value = datetime.fromisoformat(value).replace(tzinfo=UTC)
    return str(value.astimezone(UTC).isoformat())


_PORTABLE: dict[str, Callable[[Any], Any]] = {
    "id": int,
    "bytes": lambda value: base64.b64encode(bytes(value)).decode(),
    "truth": bool,
    "day": str,
    "moment": _moment,
    "decimal": lambda value: str(Decimal(str(value))),
    "json": lambda value: value if isinstance(value, str) else json.dumps(value),
    "text": str,
    "time": str,
    "uuid": lambda value: UUID(str(value)).hex,
    "plain": lambda value: value,
}


def read(line: bytes, columns: Columns) -> list[Any]:
    """The values of a line, as this database takes them."""
    return [
        None if value is None else _TAKEN.get(kind, _as_it_is)(value)
        for value, (_name, kind) in zip(json.loads(line), columns, strict=True)
    ]


def _as_it_is(value: Any) -> Any:
    return value


_TAKEN: dict[str, Callable[[Any], Any]] = {
    "bytes": base64.b64decode,
    "moment": lambda value: connection.ops.adapt_datetimefield_value(datetime.fromisoformat(value)),
}


def empty(tables: Sequence[str]) -> None:
    """Delete all rows of these tables."""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")


def insert(table: str, columns: Columns, rows: Sequence[Sequence[Any]]) -> None:
    """Rows into a table, with the ids that they have."""
    quote = connection.ops.quote_name
    names = ", ".join(quote(name) for name, _kind in columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {quote(table)} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        places = ", ".join(["%s"] * len(columns))
        cursor.executemany(f"INSERT INTO {quote(table)} ({names}) VALUES ({places})", rows)


def go_on_counting(table: str, columns: Columns) -> None:
    """Have the next row's id follow the highest one; SQLite does so by itself."""
    ids = [name for name, kind in columns if kind == "id"]
    if connection.vendor != "postgresql" or not ids:
        return
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence(%s, %s), max({quote(ids[0])})) FROM {quote(table)}"
            f" HAVING max({quote(ids[0])}) IS NOT NULL",
            [quote(table), ids[0]],
        )
