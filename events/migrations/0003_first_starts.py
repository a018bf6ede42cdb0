"""The start by which calendars know an occurrence, which no change of the pattern moves."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F


def from_the_pattern(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """As calendars know it so far. One statement."""
    rows = apps.get_model("events", "ClinicEvent").objects.using(schema_editor.connection.alias)
    rows.filter(first_start=None).update(first_start=F("original_start"))


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0002_calendar_feed"),
    ]

    operations = [
        migrations.AddField(
            model_name="clinicevent",
            name="first_start",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.RunPython(from_the_pattern, migrations.RunPython.noop, elidable=True),
    ]
