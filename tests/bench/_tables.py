"""Tables of several sizes beside one of the engine's, any of which it can be made to take for its own."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.models import Model


def make_table(
    model: type[Model], size: int, values: Mapping[str, str], rows: str, params: Mapping[str, Any]
) -> None:
    """One like the model's with all its indexes, but for its foreign keys and its log, of so many rows.

    `rows` is what stands behind FROM, `values` the SQL of each column. One for which nobody gives a value has what the
    model writes then, so that a new column needs no line here.
    """
    name = model._meta.db_table
    table = f"{_schema(size)}.{name}"
    execute(f"CREATE SCHEMA {_schema(size)}")
    options = _column("SELECT unnest(reloptions) FROM pg_class WHERE oid = %s::regclass", [f"public.{name}"])
    storage = f"WITH ({', '.join(options)})" if options else ""
    execute(
        f"CREATE UNLOGGED TABLE {table} (LIKE public.{name} INCLUDING DEFAULTS INCLUDING CONSTRAINTS) {storage}"
    )
    defaults: dict[str, Any] = {
        field.attname: field.get_db_prep_save(field.get_default(), connection)
        for field in model._meta.concrete_fields
        if field.has_default()
    }
    columns = {**{column: f"%({column})s" for column in defaults}, **values}
    into, chosen = ", ".join(columns), ", ".join(columns.values())
    execute(f"INSERT INTO {table} ({into}) SELECT {chosen} FROM {rows}", {**defaults, **params})  # noqa: S608 - constants
    indexes = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = %s"
    for definition in _column(indexes, [name]):
        execute(definition.replace(f" ON public.{name} ", f" ON {table} "))
    execute(f"VACUUM (ANALYZE) {table}")


@contextmanager
def in_table(size: int) -> Iterator[None]:
    """Let the engine find that table in place of its own."""
    execute(f"SET search_path TO {_schema(size)}, public")
    yield
    execute("RESET search_path")


def execute(sql: str, params: Any = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def _schema(size: int) -> str:
    return f"bench_{size}"


def _column(sql: str, params: Sequence[str]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [row[0] for row in cursor.fetchall()]
