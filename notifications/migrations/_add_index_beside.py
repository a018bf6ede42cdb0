"""Indexes for tables that are large by now, added while the site works."""

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
        beside = {"concurrently": True} if schema_editor.connection.vendor == "postgresql" else {}
        model = to_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            name = schema_editor.quote_name(self.index.name)
            schema_editor.execute(f"DROP INDEX {'CONCURRENTLY' if beside else ''} IF EXISTS {name}")
            schema_editor.add_index(model, self.index, **beside)
