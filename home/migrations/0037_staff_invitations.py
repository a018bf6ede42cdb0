import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import notifications.encryption.fields


class Migration(migrations.Migration):
    dependencies = [("home", "0036_figures_by_day_and_districts")]

    operations = [
        migrations.CreateModel(
            "StaffInvitation",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        choices=[("en", "English"), ("af", "Afrikaans")],
                        default="en",
                        max_length=5,
                        verbose_name="language",
                    ),
                ),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("created_at", models.DateTimeField(verbose_name="created")),
                ("expires_at", models.DateTimeField(verbose_name="valid until")),
                ("sent_at", models.DateTimeField(null=True, verbose_name="sent")),
                (
                    "error",
                    notifications.encryption.fields.EncryptedTextField(
                        blank=True, default="", verbose_name="error"
                    ),
                ),
                ("accepted_at", models.DateTimeField(null=True, verbose_name="accepted")),
                ("declined_at", models.DateTimeField(null=True, verbose_name="declined")),
                ("revoked_at", models.DateTimeField(null=True, verbose_name="withdrawn")),
                (
                    "role",
                    models.CharField(
                        choices=[("nurse", "nurse"), ("manager", "manager")],
                        max_length=10,
                        verbose_name="role",
                    ),
                ),
                (
                    "email",
                    notifications.encryption.fields.EncryptedEmailField(
                        indexed=True, max_length=254, verbose_name="e-mail address"
                    ),
                ),
                (
                    "accepted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="accepted by",
                    ),
                ),
                (
                    "clinic",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="staff_invitations",
                        to="home.clinic",
                        verbose_name="clinic",
                    ),
                ),
                (
                    "invited_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="invited by",
                    ),
                ),
            ],
            options={
                "verbose_name": "invitation of staff",
                "verbose_name_plural": "invitations of staff",
                "ordering": ["-created_at", "-id"],
                "indexes": [
                    models.Index(fields=["clinic", "-created_at"], name="staff_invitation_clinic"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        notifications.encryption.fields.IndexOf("email"),
                        models.F("clinic"),
                        condition=models.Q(accepted_at=None, declined_at=None, revoked_at=None),
                        name="staff_invitation_once",
                    ),
                ],
            },
        ),
    ]
