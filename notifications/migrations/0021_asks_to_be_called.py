"""What somebody wrote may be a wish to be called."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notifications", "0021_provider_opt_outs")]

    operations = [
        migrations.AlterField(
            "inboundmessage",
            "interpretation",
            models.CharField(
                blank=True,
                choices=[
                    ("stop", "stop"),
                    ("start", "start"),
                    ("help", "help"),
                    ("please_call", "asks to be called"),
                    ("answer", "an answer that counts"),
                    ("late", "an answer to something already answered, or over"),
                    ("nothing_asked", "an answer, but nothing was asked"),
                    ("unknown_words", "words we don’t know"),
                    ("stranger", "from a number we don’t know"),
                ],
                default="",
                max_length=20,
                verbose_name="understood as",
            ),
        ),
    ]
