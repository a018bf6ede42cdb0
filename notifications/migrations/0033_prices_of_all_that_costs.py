"""Prices of WhatsApp and of calls beside those of SMS, and how often each delivery was paid for."""

from decimal import Decimal

import django.core.validators
from django.db import migrations, models

UNITS = [
    ("sms_part", "a part of an SMS"),
    ("template", "a WhatsApp message by a template"),
    ("free_text", "a WhatsApp message in free text"),
    ("call", "a call"),
    ("minute", "a started minute of a call"),
]


def paid_once(apps, schema_editor):
    """What was sent until now was paid for once; of a digest its first one, which has the parts where there are any."""
    with_parts = models.Q(channel__in=("sms", "voice"), parts__gt=0)
    without = models.Q(channel="whatsapp") & (models.Q(digest__isnull=True) | models.Q(digest=models.F("id")))
    paid = apps.get_model("notifications", "Delivery").objects.filter(
        with_parts | without, sent_at__isnull=False
    )
    paid.update(
        sendings=1,
        unpriced=models.Case(models.When(cost__isnull=True, then=1), default=0),
    )


class Migration(migrations.Migration):
    dependencies = [("notifications", "0032_receipts_of_one_of_several")]

    operations = [
        migrations.RemoveConstraint("smsprice", "sms_price_once_a_day"),
        migrations.RenameModel("SmsPrice", "MessagePrice"),
        migrations.RenameField("messageprice", "per_part", "amount"),
        migrations.AlterField(
            "messageprice",
            "amount",
            models.DecimalField(
                decimal_places=4,
                max_digits=8,
                validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                verbose_name="in rand",
            ),
        ),
        migrations.AddField(
            "messageprice",
            "unit",
            models.CharField(
                choices=UNITS,
                db_default="sms_part",
                default="sms_part",
                max_length=10,
                verbose_name="price of",
            ),
        ),
        migrations.AlterModelOptions(
            "messageprice",
            options={
                "ordering": ["unit", "provider", "prefix", "-valid_from"],
                "verbose_name": "price of messages",
                "verbose_name_plural": "prices of messages",
            },
        ),
        migrations.AddConstraint(
            "messageprice",
            models.UniqueConstraint(
                fields=["unit", "provider", "prefix", "valid_from"], name="message_price_once_a_day"
            ),
        ),
        migrations.AddField(
            "delivery", "sendings", models.PositiveSmallIntegerField(db_default=0, default=0)
        ),
        migrations.AddField(
            "delivery", "unpriced", models.PositiveSmallIntegerField(db_default=0, default=0)
        ),
        migrations.AddField("delivery", "seconds", models.PositiveIntegerField(blank=True, null=True)),
        migrations.RunPython(paid_once, migrations.RunPython.noop, elidable=True),
    ]
