"""Many ids as one text, both ways: the lookup `any_of`, like `in` for as many ids as there are; the aggregate `Ids`.

`in` sends each value as a parameter of its own. With thousands of them that costs more time in the driver than the
query takes, and SQLite refuses more than 32,766. This sends them all as one text.
"""

from collections.abc import Iterable
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Aggregate, Field, ForeignKey, Lookup, TextField
from django.db.models.sql.compiler import SQLCompiler


@ForeignKey.register_lookup
@Field.register_lookup
class AnyOf(Lookup[Iterable[int]]):
    """`id__any_of={1, 2, 3}`, for integers. A set is quicker than a list, which Django looks through first."""

    lookup_name = "any_of"

    def get_prep_lookup(self) -> str:
        return ",".join(map(str, map(int, self.rhs)))

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s::bigint[])", (*params, f"{{{self.rhs}}}")

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} IN (SELECT value FROM json_each(%s))", (*params, f"[{self.rhs}]")


class Ids(Aggregate):
    """The ids of a group as one text, "1,2,3": a row a group costs a fraction of a row an id."""

    function = "GROUP_CONCAT"
    output_field = TextField()

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[Any, ...]]:
        sql, params = self.as_sql(compiler, connection, template="STRING_AGG((%(expressions)s)::text, ',')")
        return sql, tuple(params)
