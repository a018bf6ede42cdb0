from decimal import Decimal

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("home", "0030_consents_by_whatsapp")]

    operations = [
        migrations.AddField(
            "clinic",
            "message_budget",
            models.DecimalField(
                blank=True,
                decimal_places=2,
                help_text=(
                    "What SMS may cost in a month. Managers are told at 80%. At 100% only urgent and clinical messages "
                    "go by SMS or WhatsApp until the next month. Empty: no limit."
                ),
                max_digits=10,
                null=True,
                validators=[django.core.validators.MinValueValidator(Decimal(0))],
                verbose_name="budget for messages a month, in rand",
            ),
        ),
    ]
