"""What people stopped with a provider itself."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0021_lost_devices"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ProviderOptOut",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("channel", models.CharField(max_length=20, verbose_name="channel")),
                ("provider", models.CharField(max_length=40, verbose_name="provider")),
                ("since", models.DateTimeField(verbose_name="since")),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="provider_opt_outs",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "stopped with a provider",
                "verbose_name_plural": "stopped with a provider",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["user", "channel", "provider"], name="provider_opt_out_once"
                    )
                ],
            },
        ),
        migrations.AddField(
            "inboundmessage",
            "command",
            models.CharField(blank=True, db_default="", default="", max_length=10),
        ),
    ]
