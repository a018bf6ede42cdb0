"""No index for nobody: Django makes a second one beside each unique text on PostgreSQL, for LIKE."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

INDEXES = (
    "notifications_consumerheartbeat_consumer_79077c43_like",
    "notifications_periodictask_name_a9d2dbe4_like",
    "notifications_smsprovider_name_604aac5a_like",
    "notifications_addressproblem_report_4523378b_like",
)


def drop(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for name in INDEXES:
            schema_editor.execute(f'DROP INDEX IF EXISTS "{name}"')


class Migration(migrations.Migration):
    dependencies = [("notifications", "0013_visits")]

    operations = [
        migrations.RunPython(drop, migrations.RunPython.noop, elidable=False),
        migrations.AlterField(
            model_name="listenercall",
            name="event_record",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="listener_calls",
                to="notifications.eventrecord",
            ),
        ),
    ]
