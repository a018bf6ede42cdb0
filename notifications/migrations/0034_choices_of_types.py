"""Choices for one type of message, beneath its category."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notifications", "0033_prices_of_all_that_costs")]

    operations = [
        migrations.AddField(
            "channelchoice",
            "event_type",
            models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
        migrations.RemoveConstraint("channelchoice", "channel_choice_once"),
        migrations.AddConstraint(
            "channelchoice",
            models.UniqueConstraint(
                fields=("user", "category", "event_type", "channel"), name="channel_choice_once"
            ),
        ),
    ]
