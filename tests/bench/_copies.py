"""Millions of rows like those that are there, made where they are to be."""

from collections.abc import Mapping

from django.db import connection
from django.db.models import Model

COPY = """
INSERT INTO {table} ({columns}) SELECT {values} FROM {table} AS original, generate_series(1, %s) AS n WHERE {which}
"""


def copies(model: type[Model], number: int, changes: Mapping[str, str], which: str = "true") -> None:
    """So many copies of each row; `changes` has SQL for what differs by `n`, which counts them from 1."""
    table = model._meta.db_table
    columns = [
        str(field.column)
        for field in model._meta.concrete_fields
        if not field.primary_key or field.column in changes
    ]
    values = [changes.get(column, f"original.{column}") for column in columns]
    statement = COPY.format(table=table, columns=", ".join(columns), values=", ".join(values), which=which)
    with connection.cursor() as cursor:
        cursor.execute(statement, [number])
        cursor.execute(f"VACUUM ANALYZE {table}")
