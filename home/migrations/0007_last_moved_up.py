"""Until when the waiting lists of a clinic move up."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("home", "0006_first_pages_in_better_words"),
    ]

    operations = [
        migrations.AddField(
            model_name="clinic",
            name="move_up_minutes",
            field=models.PositiveSmallIntegerField(
                default=60,
                help_text="Nobody is given a free place later than this: they could not come in time.",
                verbose_name="waiting list: last moved up, minutes before the start",
            ),
        ),
    ]
