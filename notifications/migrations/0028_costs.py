"""What messages cost: prices, what each delivery cost, and sums that stay."""

from decimal import Decimal

import django.core.validators
from django.db import migrations, models

MONEY = {"blank": True, "decimal_places": 4, "max_digits": 8, "null": True}
KINDS = [
    ("medication", "Medicine"),
    ("stock", "Stock"),
    ("vaccination", "Vaccination"),
    ("visit", "Visits"),
    ("event", "Events"),
    ("system", "News"),
    ("reply", "Replies"),
    ("account", "Codes and invitations"),
]


class Migration(migrations.Migration):
    dependencies = [("notifications", "0027_whatsapp")]

    operations = [
        migrations.CreateModel(
            name="SmsPrice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("provider", models.CharField(max_length=40, verbose_name="provider")),
                (
                    "prefix",
                    models.CharField(
                        default="+27",
                        help_text="With the country, as in +27. The longest one that fits a number counts.",
                        max_length=16,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^\\+\\d*$", "Write it as in +27 or +2782. A + alone is all numbers."
                            )
                        ],
                        verbose_name="numbers that begin with",
                    ),
                ),
                (
                    "per_part",
                    models.DecimalField(
                        decimal_places=4,
                        max_digits=8,
                        validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                        verbose_name="price of a part, in rand",
                    ),
                ),
                (
                    "valid_from",
                    models.DateField(verbose_name="from"),
                ),
            ],
            options={
                "verbose_name": "price of SMS",
                "verbose_name_plural": "prices of SMS",
                "ordering": ["provider", "prefix", "-valid_from"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("provider", "prefix", "valid_from"), name="sms_price_once_a_day"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Spending",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("scope_id", models.BigIntegerField(default=0)),
                ("month", models.DateField(verbose_name="month")),
                ("category", models.CharField(choices=KINDS, max_length=20, verbose_name="about")),
                ("channel", models.CharField(max_length=20, verbose_name="channel")),
                ("messages", models.PositiveIntegerField(default=0, verbose_name="messages")),
                ("parts", models.PositiveIntegerField(default=0, verbose_name="parts")),
                ("unpriced", models.PositiveIntegerField(default=0, verbose_name="without a price")),
                (
                    "cost",
                    models.DecimalField(decimal_places=4, default=0, max_digits=14, verbose_name="cost"),
                ),
            ],
            options={
                "verbose_name": "cost of messages",
                "verbose_name_plural": "costs of messages",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("scope_id", "month", "category", "channel"), name="spending_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SpendingMonth",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("scope_id", models.BigIntegerField()),
                ("month", models.DateField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("scope_id", "month"), name="spending_month_once")
                ],
            },
        ),
        migrations.AddField("delivery", "cost", models.DecimalField(verbose_name="cost", **MONEY)),
        migrations.AddField("delivery", "reserved", models.DecimalField(**MONEY)),
    ]
