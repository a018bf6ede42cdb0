"""Drafts, and preferences under the names by which other programs know them."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("notifications", "0034_choices_of_types")]

    operations = [
        migrations.CreateModel(
            name="NotificationDraft",
            fields=[],
            options={"proxy": True, "default_permissions": (), "indexes": [], "constraints": []},
            bases=("notifications.eventrecord",),
        ),
        migrations.CreateModel(
            name="UserNotificationPreferences",
            fields=[],
            options={"proxy": True, "default_permissions": (), "indexes": [], "constraints": []},
            bases=("notifications.notificationpreferences",),
        ),
    ]
