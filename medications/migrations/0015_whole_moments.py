from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("medications", "0014_noted_movements")]

    operations = [
        migrations.RemoveIndex(model_name="dose", name="dose_next_reminder"),
        migrations.RemoveIndex(model_name="dose", name="dose_may_be_missed"),
        migrations.AddIndex(
            model_name="dose",
            index=models.Index(
                condition=models.Q(("next_reminder_at__isnull", False)),
                fields=["next_reminder_at", "patient", "id"],
                name="dose_to_remind_of",
            ),
        ),
        migrations.AddIndex(
            model_name="dose",
            index=models.Index(
                condition=models.Q(("state__in", ["scheduled", "unanswered"])),
                fields=["missed_at", "patient", "id"],
                name="dose_to_miss",
            ),
        ),
    ]
