"""Messages by WhatsApp: approved templates, numbers that it takes nothing for, and what a tapped button says."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

import notifications.encryption.fields
from notifications.migrations._add_index_beside import AddIndexBeside

LANGUAGES = [("en", "English"), ("af", "Afrikaans")]
INTERPRETATIONS = [
    ("stop", "stop"),
    ("start", "start"),
    ("help", "help"),
    ("please_call", "asks to be called"),
    ("answer", "an answer that counts"),
    ("late", "an answer to something already answered, or over"),
    ("nothing_asked", "an answer, but nothing was asked"),
    ("unknown_words", "words we don’t know"),
    ("not_text", "something that isn’t text"),
    ("stranger", "from a number we don’t know"),
]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("notifications", "0026_asks_to_be_called"),
    ]

    operations = [
        migrations.CreateModel(
            name="WhatsAppTemplate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "event_type",
                    models.CharField(blank=True, default="", max_length=64, verbose_name="message type"),
                ),
                ("language", models.CharField(choices=LANGUAGES, max_length=5, verbose_name="language")),
                (
                    "detail",
                    models.CharField(
                        choices=[
                            ("discreet", "Discreet: “You have a reminder from your clinic”"),
                            ("detailed", "Detailed: with the name of the medicine"),
                        ],
                        default="discreet",
                        max_length=10,
                        verbose_name="what others may see",
                    ),
                ),
                ("name", models.CharField(max_length=512, verbose_name="name at WhatsApp")),
                ("body", models.TextField(max_length=1024, verbose_name="text")),
                ("buttons", models.PositiveSmallIntegerField(default=0, verbose_name="buttons")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "not approved yet"),
                            ("approved", "approved"),
                            ("paused", "paused"),
                            ("rejected", "rejected"),
                        ],
                        default="pending",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "problem",
                    models.CharField(
                        blank=True, default="", max_length=300, verbose_name="what WhatsApp said"
                    ),
                ),
            ],
            options={
                "verbose_name": "WhatsApp template",
                "verbose_name_plural": "WhatsApp templates",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("name", "language"),
                        name="whatsapp_template_once",
                        violation_error_message="There is a template with this name in this language already.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="WhatsAppRefusal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", notifications.encryption.fields.EncryptedTextField(verbose_name="number")),
                ("until", models.DateTimeField(verbose_name="until")),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="whatsapp_refusal",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "number without WhatsApp",
                "verbose_name_plural": "numbers without WhatsApp",
            },
        ),
        migrations.AddField(
            "notificationpreferences",
            "whatsapp_enabled",
            models.BooleanField(db_default=True, default=True, verbose_name="WhatsApp"),
        ),
        migrations.AddField(
            "inboundmessage",
            "button",
            notifications.encryption.fields.EncryptedTextField(blank=True, db_default="", default=""),
        ),
        migrations.AddField(
            "inboundmessage",
            "in_reply_to",
            models.CharField(blank=True, db_default="", default="", max_length=200),
        ),
        migrations.AlterField(
            "inboundmessage",
            "interpretation",
            models.CharField(
                blank=True,
                choices=INTERPRETATIONS,
                default="",
                max_length=20,
                verbose_name="understood as",
            ),
        ),
        AddIndexBeside(
            "inboundmessage",
            models.Index(
                fields=["user", "received_at"], condition=Q(channel="whatsapp"), name="inbound_whatsapp"
            ),
        ),
    ]
