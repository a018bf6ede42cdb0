"""Batches from a file, of which nobody is warned until staff say so."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("medications", "0018_who_wants_a_call")]

    operations = [
        migrations.AddField(
            "stockbatch", "is_silent", models.BooleanField(db_default=False, default=False, editable=False)
        ),
    ]
