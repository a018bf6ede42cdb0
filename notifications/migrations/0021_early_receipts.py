"""A receipt may come before its sending is written down."""

from django.db import migrations, models

from notifications.encryption.fields import EncryptedTextField


class Migration(migrations.Migration):
    dependencies = [("notifications", "0021_receipts_of_any_channel")]

    operations = [
        migrations.CreateModel(
            name="EarlyReceipt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("channel", models.CharField(max_length=20)),
                ("provider", models.CharField(max_length=40)),
                ("provider_id", models.CharField(max_length=200)),
                ("outcome", models.CharField(max_length=10)),
                ("reason", EncryptedTextField(blank=True, default="")),
                ("received_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["provider_id", "channel", "provider", "outcome"], name="early_receipt_once"
                    )
                ]
            },
        ),
    ]
