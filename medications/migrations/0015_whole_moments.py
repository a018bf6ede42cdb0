"""Doses are claimed page by page. The new indexes are there before the old ones go, and nobody waits for them."""

from django.db import migrations, models

from notifications.migrations._add_index_beside import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("medications", "0014_noted_movements")]

    operations = [
        AddIndexBeside(
            model_name="dose",
            index=models.Index(
                condition=models.Q(("next_reminder_at__isnull", False)),
                fields=["next_reminder_at", "patient", "id"],
                name="dose_to_remind_of",
            ),
        ),
        AddIndexBeside(
            model_name="dose",
            index=models.Index(
                condition=models.Q(("state__in", ["scheduled", "unanswered"])),
                fields=["missed_at", "patient", "id"],
                name="dose_to_miss",
            ),
        ),
        migrations.RemoveIndex(model_name="dose", name="dose_next_reminder"),
        migrations.RemoveIndex(model_name="dose", name="dose_may_be_missed"),
    ]
