"""Who wants a call because of a weekly question: all of them, not the first alone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("medications", "0017_looks_at_stock")]

    operations = [
        migrations.AddField(
            "weeklycheck", "call_wanted_by", models.JSONField(blank=True, db_default=[], default=list)
        ),
    ]
