"""Runs that go on turn by turn add up what they did. A publication that is deleted leaves its messages alone: no
index finds them by it, so that each thousand would read the whole table. And large tables are vacuumed when a twentieth
of them is dead, not a fifth: what is deleted each week is a fiftieth of a year.
"""

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

LARGE = ("Notification", "Delivery", "EventRecord")


def vacuum_sooner(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for model in LARGE:
            table = apps.get_model("notifications", model)._meta.db_table
            schema_editor.execute(f"ALTER TABLE {table} SET (autovacuum_vacuum_scale_factor = 0.05)")


def vacuum_as_usual(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for model in LARGE:
            table = apps.get_model("notifications", model)._meta.db_table
            schema_editor.execute(f"ALTER TABLE {table} RESET (autovacuum_vacuum_scale_factor)")


class Migration(migrations.Migration):
    dependencies = [("notifications", "0014_indexes_that_are_asked")]

    operations = [
        migrations.RunPython(vacuum_sooner, vacuum_as_usual),
        migrations.AddField(
            model_name="periodicrun",
            name="did",
            field=models.JSONField(blank=True, editable=False, null=True),
        ),
        migrations.AlterField(
            model_name="notification",
            name="event_record",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="notifications.eventrecord",
            ),
        ),
    ]
