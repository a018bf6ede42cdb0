"""Django makes a second index beside each unique text on PostgreSQL, for LIKE, which nobody asks of these. And
what is unique about a weekly question finds those of a patient too.
"""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

INDEXES = ("medications_vaccine_code_2e4fa919_like",)


def drop(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for name in INDEXES:
            schema_editor.execute(f'DROP INDEX IF EXISTS "{name}"')


class Migration(migrations.Migration):
    dependencies = [("medications", "0015_whole_moments")]

    operations = [
        migrations.RunPython(drop, migrations.RunPython.noop, elidable=False),
        migrations.AlterField(
            model_name="weeklycheck",
            name="patient",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="weekly_checks",
                to="home.patient",
                verbose_name="patient",
            ),
        ),
    ]
