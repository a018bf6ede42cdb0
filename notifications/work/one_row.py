"""One row of work changed by its worker: what the ORM would do, without putting the same statement together each time.

That takes as long as all else that a worker does of it, and a channel whose sendings are written down one by one does
it for each message.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.db import connection

from notifications.models import Work


def update_held(model: type[Work], id_: int, owner: str, values: Mapping[str, Any]) -> int:
    """Set these fields of the row, if that owner holds it; 1 if so, or else 0. No expressions, values only."""
    statement, fields = _statement(model, tuple(values))
    prepared = [
        field.get_db_prep_save(value, connection)
        for field, value in zip(fields, values.values(), strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.execute(statement, [*prepared, id_, owner])
        return int(cursor.rowcount)


@lru_cache(maxsize=64)
def _statement(model: type[Work], names: tuple[str, ...]) -> tuple[str, list[Any]]:
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    quote = connection.ops.quote_name
    changes = ", ".join([f"{quote(field.column)} = %s" for field in fields])
    table = quote(model._meta.db_table)
    return f"UPDATE {table} SET {changes} WHERE id = %s AND lease_owner = %s", fields  # noqa: S608 - names of ours
