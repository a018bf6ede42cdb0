import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import notifications.encryption.fields


class Migration(migrations.Migration):
    dependencies = [
        ("home", "0019_notes_and_transfers"),
    ]

    operations = [
        migrations.CreateModel(
            name="WorklistRefresh",
            fields=[
                (
                    "clinic",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="home.clinic",
                    ),
                ),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="FollowUp",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="when")),
                (
                    "result",
                    models.CharField(
                        choices=[
                            ("will_come", "will come"),
                            ("call_later", "call later"),
                            ("no_answer", "no answer"),
                            ("wrong_number", "wrong number"),
                            ("moved", "moved away"),
                            ("died", "died"),
                            ("other", "other"),
                        ],
                        max_length=20,
                        verbose_name="result",
                    ),
                ),
                ("until", models.DateField(null=True, verbose_name="until")),
                ("back_on", models.DateField(verbose_name="on the list again")),
                (
                    "note",
                    notifications.encryption.fields.EncryptedTextField(
                        blank=True, default="", verbose_name="note"
                    ),
                ),
                ("reasons", models.JSONField(default=list, verbose_name="why")),
                ("pressing", models.PositiveSmallIntegerField(default=0)),
                (
                    "number",
                    notifications.encryption.fields.EncryptedPhoneField(
                        max_length=20, null=True, region=None, verbose_name="number"
                    ),
                ),
                ("visit_id", models.PositiveBigIntegerField(null=True)),
                ("stands", models.BooleanField(default=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="who called",
                    ),
                ),
                (
                    "clinic",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="home.clinic",
                        verbose_name="clinic",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="follow_ups",
                        to="home.patient",
                        verbose_name="patient",
                    ),
                ),
            ],
            options={
                "verbose_name": "call",
                "verbose_name_plural": "calls",
                "ordering": ["-at", "-id"],
                "indexes": [
                    models.Index(fields=["patient", "at"], name="follow_up_patient"),
                    models.Index(fields=["at"], name="follow_up_at"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("stands", True)),
                        fields=("patient",),
                        name="follow_up_one_last_word",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="WorklistEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=40, verbose_name="reason")),
                ("since", models.DateField(verbose_name="since")),
                ("facts", models.JSONField(default=dict)),
                ("pressing", models.PositiveSmallIntegerField(verbose_name="pressing")),
                ("found_at", models.DateTimeField(verbose_name="found")),
                ("happened_at", models.DateTimeField(null=True)),
                (
                    "clinic",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="home.clinic",
                        verbose_name="clinic",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="worklist_entries",
                        to="home.patient",
                        verbose_name="patient",
                    ),
                ),
            ],
            options={
                "verbose_name": "reason for a call",
                "verbose_name_plural": "who needs a call",
                "indexes": [
                    models.Index(fields=["clinic", "reason", "patient"], name="worklist_entry_clinic")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("patient", "reason"), name="worklist_entry_once")
                ],
            },
        ),
    ]
