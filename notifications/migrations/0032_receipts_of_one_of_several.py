"""Receipts that are kept: which of several messages one is about, and when what failed is sent once more."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notifications", "0031_language_of_messages")]

    operations = [
        migrations.AddField("earlyreceipt", "again_after", models.DurationField(blank=True, null=True)),
        migrations.AddField("earlyreceipt", "delivery_id", models.BigIntegerField(db_default=0, default=0)),
        migrations.RemoveConstraint("earlyreceipt", "early_receipt_once"),
        migrations.AddConstraint(
            "earlyreceipt",
            models.UniqueConstraint(
                fields=["provider_id", "channel", "provider", "outcome", "delivery_id"],
                name="early_receipt_once",
            ),
        ),
    ]
