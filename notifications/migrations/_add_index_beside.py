"""Indexes for tables that are large by now, added while the site works."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import AddIndex
from django.db.migrations.state import ProjectState


class AddIndexBeside(AddIndex):
    """Adds an index while others go on writing; its migration has `atomic = False`.

    It may be repeated: what is there of that name, perhaps half built when the last try was broken off, goes first. On
    SQLite, which knows one writer only, it is made as any other.
    """

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        if not self.allow_migrate_model(schema_editor.connection.alias, model):
            return
        name = schema_editor.quote_name(self.index.name)
        if schema_editor.connection.vendor == "postgresql":
            beside = {"concurrently": True}
            with _waiting(schema_editor):
                schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
                schema_editor.add_index(model, self.index, **beside)
        else:
            schema_editor.execute(f"DROP INDEX IF EXISTS {name}")
            schema_editor.add_index(model, self.index)


@contextmanager
def _waiting(schema_editor: BaseDatabaseSchemaEditor) -> Iterator[None]:
    """For transactions that are open, as long as it takes. Nobody waits behind this, so no limit on locks is of use, and
    one that ends it leaves half an index.
    """
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        (before,) = cursor.fetchone()
    schema_editor.execute("SET lock_timeout = 0")
    try:
        yield
    finally:
        schema_editor.execute("SET lock_timeout = %s", [before])
