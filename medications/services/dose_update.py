"""Changed doses back into their table: one statement for all of them, though each has values of its own.

The ORM's `bulk_update` writes a case for each row and column: tens of thousands for the doses that some patients have
ahead. On SQLite, whose clinics are small, it is fast enough.
"""

import json
from collections.abc import Sequence
from typing import Any

from django.db import connection

from medications.models import Dose


def update(doses: Sequence[Dose], names: Sequence[str]) -> None:
    """Write these fields of these doses. Called in a transaction that holds them."""
    if connection.vendor != "postgresql":
        Dose.objects.bulk_update(doses, names, batch_size=500)
    elif doses:
        _join(doses, names)


def _join(doses: Sequence[Dose], names: Sequence[str]) -> None:
    fields: list[Any] = [Dose._meta.get_field(name) for name in names]
    rows = [
        (dose.pk, *[each.get_db_prep_save(getattr(dose, each.attname), connection) for each in fields])
        for dose in doses
    ]
    changes = ", ".join(f"{each.column} = changed.{each.column}" for each in fields)
    values = ", ".join(
        f"(value ->> {place})::{each.db_type(connection)} AS {each.column}"
        for place, each in enumerate(fields, 1)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {Dose._meta.db_table} AS dose SET {changes}"
            f" FROM (SELECT (value ->> 0)::bigint AS id, {values} FROM jsonb_array_elements(%s::jsonb)) AS changed"
            " WHERE dose.id = changed.id",
            [json.dumps(rows, default=str)],
        )
