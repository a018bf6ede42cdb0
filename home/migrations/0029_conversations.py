import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import notifications.encryption.fields


class Migration(migrations.Migration):
    dependencies = [
        ("home", "0028_patients_by_name"),
        ("notifications", "0019_inbound_messages"),
    ]

    operations = [
        migrations.CreateModel(
            name="DangerWords",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("language", models.CharField(max_length=10, verbose_name="language")),
                ("phrases", models.TextField(verbose_name="words")),
            ],
            options={
                "verbose_name": "words that mean danger",
                "verbose_name_plural": "words that mean danger",
                "constraints": [models.UniqueConstraint(fields=("language",), name="danger_words_once")],
            },
        ),
        migrations.CreateModel(
            name="Conversation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "number",
                    notifications.encryption.fields.EncryptedTextField(
                        blank=True, default="", indexed=True, verbose_name="number"
                    ),
                ),
                ("channel", models.CharField(max_length=20, verbose_name="channel")),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "open"), ("closed", "closed")],
                        default="open",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("is_urgent", models.BooleanField(default=False, verbose_name="urgent")),
                ("is_waiting", models.BooleanField(default=True, verbose_name="waits for an answer")),
                ("opened_at", models.DateTimeField(verbose_name="opened")),
                ("last_at", models.DateTimeField(verbose_name="last wrote")),
                ("read_at", models.DateTimeField(null=True, verbose_name="read")),
                ("closed_at", models.DateTimeField(null=True, verbose_name="closed")),
                ("version", models.PositiveIntegerField(default=0)),
                (
                    "assigned_to",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="assigned to",
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
                (
                    "last_text",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="notifications.inboundmessage",
                        verbose_name="last words",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="conversations",
                        to="home.patient",
                        verbose_name="patient",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="conversations",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "conversation",
                "verbose_name_plural": "conversations",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "open")),
                        fields=["clinic", "-is_urgent", "-is_waiting", "last_at"],
                        name="conversation_open",
                    ),
                    models.Index(
                        condition=models.Q(("state", "closed")),
                        fields=["closed_at"],
                        name="conversation_closed",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("patient__isnull", False), ("user__isnull", False)),
                        fields=("user", "patient"),
                        name="conversation_about_patient",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("clinic__isnull", False), ("patient__isnull", True), ("user__isnull", False)
                        ),
                        fields=("user", "clinic"),
                        name="conversation_at_clinic",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("clinic__isnull", True), ("patient__isnull", True), ("user__isnull", False)
                        ),
                        fields=("user",),
                        name="conversation_of_nobody",
                    ),
                    models.UniqueConstraint(
                        notifications.encryption.fields.IndexOf("number"),
                        condition=models.Q(("user__isnull", True), models.Q(("number", ""), _negated=True)),
                        name="conversation_of_number",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ConversationAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("channel", models.CharField(max_length=20)),
                ("text", notifications.encryption.fields.EncryptedTextField(verbose_name="answer")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answers",
                        to="home.conversation",
                    ),
                ),
            ],
            options={
                "verbose_name": "answer",
                "verbose_name_plural": "answers",
            },
        ),
    ]
