"""A key in a call ends a consent too."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("home", "0031_budget_for_messages")]

    operations = [
        migrations.AlterField(
            "consent",
            "withdrawn_how",
            models.CharField(
                blank=True,
                choices=[
                    ("site", "on this site"),
                    ("sms", "by SMS"),
                    ("whatsapp", "by WhatsApp"),
                    ("voice", "by a key in a call"),
                    ("staff", "by staff, as they were asked"),
                    ("renewed", "given anew"),
                ],
                default="",
                max_length=10,
                verbose_name="how it ended",
            ),
        ),
    ]
