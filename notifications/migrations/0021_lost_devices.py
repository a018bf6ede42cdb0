"""Since when a device's push service has refused it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notifications", "0021_says_nothing")]

    operations = [
        migrations.AddField("pushsubscription", "failing_since", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("pushsubscription", "refused_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddIndex(
            "pushsubscription",
            models.Index(
                fields=["failing_since"],
                condition=models.Q(failing_since__isnull=False),
                name="push_failing_since",
            ),
        ),
    ]
