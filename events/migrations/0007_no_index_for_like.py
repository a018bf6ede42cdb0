"""Django makes a second index beside each unique text on PostgreSQL, for LIKE, which nobody asks of these."""

from typing import Any

from django.db import migrations

INDEXES = ("events_calendarfeed_key_c4bf1c6c_like",)


def drop(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for name in INDEXES:
            schema_editor.execute(f'DROP INDEX IF EXISTS "{name}"')


class Migration(migrations.Migration):
    dependencies = [("events", "0006_patients_of_lists")]

    operations = [migrations.RunPython(drop, migrations.RunPython.noop, elidable=False)]
