"""Keeps what became of each date of a series."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("events", "0007_no_index_for_like"), ("home", "0034_conversations_of_before")]

    operations = [
        migrations.CreateModel(
            name="SeriesDate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("starts_at", models.DateTimeField(verbose_name="date")),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("made", "created"),
                            ("skipped date", "left out by staff"),
                            ("public holiday", "public holiday"),
                            ("removed", "moved or taken out with its series"),
                            ("failed", "the pattern can’t be read"),
                        ],
                        max_length=20,
                        verbose_name="what became of it",
                    ),
                ),
                ("noted_at", models.DateTimeField(verbose_name="since")),
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
                    "series",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="dates",
                        to="events.eventseries",
                        verbose_name="series",
                    ),
                ),
            ],
            options={
                "verbose_name": "date of a series",
                "verbose_name_plural": "dates of series",
                "ordering": ["-starts_at", "-id"],
                "indexes": [
                    models.Index(fields=["starts_at"], name="series_date_start"),
                    models.Index(fields=["clinic", "starts_at"], name="series_date_clinic_start"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("series", "starts_at"), name="series_date_once")
                ],
            },
        ),
    ]
