"""Prescriptions from a file, of which no dose falls due until staff say so."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("medications", "0019_silent_batches")]

    operations = [
        migrations.AddField(
            "prescription", "is_silent", models.BooleanField(db_default=False, default=False, editable=False)
        ),
    ]
