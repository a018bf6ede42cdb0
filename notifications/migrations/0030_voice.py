"""Calls: who wants them, and what is played in them."""

import uuid

from django.db import migrations, models

import notifications.models.voice_clip
from notifications.migrations._add_index_beside import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("notifications", "0029_index_of_what_is_reserved")]

    operations = [
        migrations.AddField(
            "notificationpreferences",
            "voice_enabled",
            models.BooleanField(default=False, db_default=False, verbose_name="phone calls"),
        ),
        migrations.AddField(
            "notificationpreferences",
            "calls_at_night",
            models.BooleanField(
                default=False, db_default=False, verbose_name="also call me at night when it can’t wait"
            ),
        ),
        migrations.CreateModel(
            name="VoiceClip",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.CharField(max_length=60, verbose_name="what is said")),
                (
                    "language",
                    models.CharField(
                        choices=[("en", "English"), ("af", "Afrikaans")],
                        max_length=5,
                        verbose_name="language",
                    ),
                ),
                (
                    "file",
                    models.FileField(
                        upload_to=notifications.models.voice_clip._place, verbose_name="recording"
                    ),
                ),
                ("key", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
            ],
            options={"verbose_name": "recording for calls", "verbose_name_plural": "recordings for calls"},
        ),
        migrations.AddConstraint(
            "voiceclip",
            models.UniqueConstraint(
                fields=["text", "language"],
                name="voice_clip_once",
                violation_error_message=(
                    "There is a recording of this in this language already. Change that one."
                ),
            ),
        ),
        AddIndexBeside(
            "delivery",
            models.Index(
                fields=["finished_at"], condition=models.Q(channel="voice"), name="delivery_voice_placed"
            ),
        ),
    ]
