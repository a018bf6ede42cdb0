"""Messages may be in another language than pages; which languages there are is a setting, and no migration."""

from django.db import migrations, models

import notifications.languages.listed


class Migration(migrations.Migration):
    dependencies = [("notifications", "0030_voice")]

    operations = [
        migrations.AddField(
            model_name="notificationpreferences",
            name="message_language",
            field=models.CharField(
                blank=True,
                choices=notifications.languages.listed.choices,
                db_default="",
                default="",
                max_length=10,
                verbose_name="messages in another language",
            ),
        ),
        migrations.AlterField(
            model_name="voiceclip",
            name="language",
            field=models.CharField(
                choices=notifications.languages.listed.choices, max_length=5, verbose_name="language"
            ),
        ),
        migrations.AlterField(
            model_name="whatsapptemplate",
            name="language",
            field=models.CharField(
                choices=notifications.languages.listed.choices, max_length=5, verbose_name="language"
            ),
        ),
    ]
