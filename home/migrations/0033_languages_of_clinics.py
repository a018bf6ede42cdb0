"""Each clinic switches on the languages that only messages are in, once somebody has checked their texts; whoever is registered
chooses one."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import notifications.encryption.fields


class Migration(migrations.Migration):
    dependencies = [
        ("home", "0032_consents_end_by_a_call"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="invitation",
            name="message_language",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                max_length=10,
                verbose_name="messages in another language",
            ),
        ),
        migrations.CreateModel(
            name="ClinicLanguage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("language", models.CharField(max_length=10, verbose_name="language")),
                ("is_on", models.BooleanField(default=True, verbose_name="switched on")),
                ("checked_by", notifications.encryption.fields.EncryptedTextField(verbose_name="checked by")),
                ("checked_on", models.DateField(verbose_name="checked on")),
                ("changed_at", models.DateTimeField(verbose_name="changed")),
                (
                    "changed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "clinic",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="home.clinic",
                        verbose_name="clinic",
                    ),
                ),
            ],
            options={
                "verbose_name": "language of messages",
                "verbose_name_plural": "languages of messages",
                "constraints": [
                    models.UniqueConstraint(fields=("clinic", "language"), name="clinic_language_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("clinic__isnull", True)),
                        fields=("language",),
                        name="language_once_for_no_clinic",
                    ),
                ],
            },
        ),
    ]
