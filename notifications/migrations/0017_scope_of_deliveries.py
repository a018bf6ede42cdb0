"""A column for whose a delivery is; the next migration, which may take its time, fills it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notifications", "0016_lists_in_their_order")]

    operations = [
        migrations.AddField("delivery", "scope_id", models.BigIntegerField(blank=True, null=True)),
    ]
