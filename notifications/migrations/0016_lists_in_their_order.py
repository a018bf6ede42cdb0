"""A clinic's log in its order: an index of a table that others write meanwhile."""

from django.db import migrations, models
from django.db.models import F

from notifications.migrations._add_index_beside import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("notifications", "0015_runs_in_turns")]

    operations = [
        AddIndexBeside(
            model_name="notification",
            index=models.Index(F("scope_id"), F("id").desc(), name="notification_of_scope"),
        ),
    ]
