"""Staff's long lists in their order: indexes of tables that others write meanwhile."""

from django.db import migrations, models
from django.db.models import F, Q

from notifications.migrations._add_index_beside import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("notifications", "0015_runs_in_turns")]

    operations = [
        AddIndexBeside(
            model_name="delivery",
            index=models.Index(
                F("id").desc(),
                condition=Q(finished_at__isnull=False) & ~Q(error="", reason=""),
                name="delivery_says_why",
            ),
        ),
        AddIndexBeside(
            model_name="notification",
            index=models.Index(F("scope_id"), F("id").desc(), name="notification_of_scope"),
        ),
    ]
