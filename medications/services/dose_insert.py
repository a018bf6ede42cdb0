"""Equal doses of many prescriptions into their table: one statement for all of them.

Who takes the same medicine at the same times has the same rows but for whose they are. So PostgreSQL gets the rows
once, beside the list of those whose they are, and puts the two together. On SQLite plain INSERTs are fast enough.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

from django.db import connection
from django.db.models import Field

from medications.models import Dose


class Owner(NamedTuple):
    """Whose a dose is: the columns in which equal doses differ."""

    schedule_id: int
    prescription_id: int
    patient_id: int


_TABLE = Dose._meta.db_table
_FIELDS: dict[str, Field[Any, Any]] = {
    str(each.column): each
    for each in Dose._meta.concrete_fields
    if not each.primary_key and each.column not in Owner._fields
}
_COLUMNS = (*Owner._fields, *_FIELDS)
_ONCE = "ON CONFLICT (schedule_id, due_at) DO NOTHING"


@dataclass(frozen=True, slots=True)
class Alike:
    """Rows that each of these owners gets: what the ORM would write into the columns that owners share."""

    rows: Sequence[tuple[Any, ...]]
    owners: list[Owner] = field(default_factory=list)

    @classmethod
    def of(cls, doses: Iterable[Dose]) -> Self:
        """Of doses that aren't saved, whoever they name as their own. ValidationError for what a column can't hold."""
        return cls([tuple([_stored(each, dose) for each in _FIELDS.values()]) for dose in doses])


def _stored(column: Field[Any, Any], dose: Dose) -> object:
    value = getattr(dose, column.attname)
    column.run_validators(value)  # what the database would refuse would take all others with it
    return column.get_db_prep_save(value, connection)


def insert(sets: Sequence[Alike]) -> int:
    """Insert what isn't there yet, by schedule and due time; how many were. Called in a transaction."""
    return _join(sets) if connection.vendor == "postgresql" else _multiply(sets)


def _join(sets: Sequence[Alike]) -> int:
    """What is alike has the same number in both lists."""
    owners = [(number, *owner) for number, alike in enumerate(sets) for owner in alike.owners]
    rows = [(number, *row) for number, alike in enumerate(sets) for row in alike.rows]
    types = {column: str(each.db_type(connection)) for column, each in _FIELDS.items()}
    columns = ", ".join(_COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {_TABLE} ({columns}) SELECT {columns}"
            f" FROM {_records(dict.fromkeys(Owner._fields, 'bigint'))} AS owner"
            f" JOIN {_records(types)} AS dose USING (alike)"
            f" ORDER BY prescription_id, due_at {_ONCE}",
            [json.dumps(owners), json.dumps(rows, default=str)],
        )
        return int(cursor.rowcount)


def _records(types: dict[str, str]) -> str:
    """A list of lists, in JSON, as rows of the number and these columns."""
    values = [
        f"(value ->> {place})::{type_} AS {column}" for place, (column, type_) in enumerate(types.items(), 1)
    ]
    return f"(SELECT (value ->> 0)::int AS alike, {', '.join(values)} FROM jsonb_array_elements(%s::jsonb))"


def _multiply(sets: Sequence[Alike]) -> int:
    rows = [(*owner, *row) for alike in sets for owner in alike.owners for row in alike.rows]
    places = ", ".join(["%s"] * len(_COLUMNS))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {_TABLE} ({', '.join(_COLUMNS)}) VALUES ({places}) {_ONCE}",
            rows,
        )
        return int(cursor.rowcount) if rows else 0
