"""Many rows as one text: the lookup `any_of`, like `in` for as many ids as there are; the aggregates `Ids` and `Rows`.

`in` sends each value as a parameter of its own. With thousands of them that costs more time in the driver than the
query takes, and SQLite refuses more than 32,766. This sends them all as one text. So do the aggregates the other way:
what many rows share is read once a group, and a row a group costs a fraction of a row a row.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Aggregate, Field, ForeignKey, Lookup, TextField
from django.db.models.sql.compiler import SQLCompiler


class Many:
    """Ids for `any_of`, made into one text once. What it can iterate over, Django looks through id by id first."""

    def __init__(self, ids: Iterable[int]) -> None:
        numbers = tuple(ids)
        self.text = ("%d," * len(numbers) % numbers)[:-1]  # a third of the time that str() of each takes


@ForeignKey.register_lookup
@Field.register_lookup
class AnyOf(Lookup[Iterable[int] | Many]):
    """`id__any_of={1, 2, 3}`, for integers; `Many({1, 2, 3})` where they are thousands. For none nothing is asked."""

    lookup_name = "any_of"

    def get_prep_lookup(self) -> str:
        return self.rhs.text if isinstance(self.rhs, Many) else Many(self.rhs).text

    def _column(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Sequence[Any]]:
        if not self.rhs:
            raise EmptyResultSet
        return self.process_lhs(compiler, connection)

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[Any, ...]]:
        column, params = self._column(compiler, connection)
        return f"{column} = ANY(%s::bigint[])", (*params, f"{{{self.rhs}}}")

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[Any, ...]]:
        column, params = self._column(compiler, connection)
        return f"{column} IN (SELECT value FROM json_each(%s))", (*params, f"[{self.rhs}]")


class Ids(Aggregate):
    """The ids of a group as one text, "1,2,3"."""

    function = "GROUP_CONCAT"
    output_field = TextField()

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[Any, ...]]:
        sql, params = self.as_sql(compiler, connection, template="STRING_AGG((%(expressions)s)::text, ',')")
        return sql, tuple(params)


def numbers(ids: str | None) -> list[int]:
    """What `Ids` gave; nothing for a group of nothing."""
    return list(map(int, ids.split(","))) if ids else []


class Rows(Aggregate):
    """The rows of a group as one JSON text, an array of arrays, in no order. For numbers, truth values and texts."""

    function = "JSON_GROUP_ARRAY"
    template = "%(function)s(JSON_ARRAY(%(expressions)s))"
    output_field = TextField()

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[Any, ...]]:
        template = "JSON_AGG(JSON_BUILD_ARRAY(%(expressions)s))::text"
        sql, params = self.as_sql(compiler, connection, template=template)
        return sql, tuple(params)
