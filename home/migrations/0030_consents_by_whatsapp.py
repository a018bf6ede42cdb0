"""People agree, and take it back, by WhatsApp too."""

from django.db import migrations, models

HOW = [
    ("site", "on this site"),
    ("sms", "by SMS"),
    ("whatsapp", "by WhatsApp"),
    ("spoken", "said to staff"),
    ("paper", "on paper"),
    ("before", "before this was recorded"),
]
ENDED = [
    ("site", "on this site"),
    ("sms", "by SMS"),
    ("whatsapp", "by WhatsApp"),
    ("staff", "by staff, as they were asked"),
    ("renewed", "given anew"),
]


class Migration(migrations.Migration):
    dependencies = [("home", "0029_conversations")]

    operations = [
        migrations.AlterField(
            "consent", "how", models.CharField(choices=HOW, max_length=10, verbose_name="how")
        ),
        migrations.AlterField(
            "consent",
            "withdrawn_how",
            models.CharField(
                blank=True, choices=ENDED, default="", max_length=10, verbose_name="how it ended"
            ),
        ),
    ]
