"""Doses can be answered in full, and each answer is kept."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("home", "0008_how_far_ahead_to_warn"),
        ("medications", "0005_stock_sums"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DoseAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "answer",
                    models.CharField(
                        choices=[
                            ("taken", "taken"),
                            ("skipped", "skipped"),
                            ("later", "later"),
                            ("undone", "taken back"),
                        ],
                        max_length=10,
                        verbose_name="answer",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="when")),
                ("taken_at", models.DateTimeField(blank=True, null=True, verbose_name="taken at")),
                (
                    "quantity",
                    models.DecimalField(
                        blank=True, decimal_places=3, max_digits=9, null=True, verbose_name="quantity"
                    ),
                ),
                (
                    "skip_code",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("unwell", "I felt unwell, or side effects"),
                            ("ran_out", "I had none left"),
                            ("forgot", "I forgot"),
                            ("away", "I was away from home"),
                            ("told", "my clinic told me to"),
                            ("other", "another reason"),
                        ],
                        default="",
                        max_length=16,
                        verbose_name="reason",
                    ),
                ),
                (
                    "skip_reason",
                    models.CharField(
                        blank=True, default="", max_length=200, verbose_name="reason in own words"
                    ),
                ),
                ("over_limit", models.BooleanField(default=False, verbose_name="taken all the same")),
                ("remind_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "answer to a dose",
                "verbose_name_plural": "answers to doses",
            },
        ),
        migrations.AddField(
            model_name="dose",
            name="kind",
            field=models.CharField(
                choices=[("planned", "planned"), ("extra", "extra dose"), ("as_needed", "as needed")],
                default="planned",
                max_length=10,
                verbose_name="kind",
            ),
        ),
        migrations.AddField(
            model_name="dose",
            name="over_limit",
            field=models.BooleanField(default=False, verbose_name="taken all the same"),
        ),
        migrations.AddField(
            model_name="dose",
            name="skip_code",
            field=models.CharField(
                blank=True,
                choices=[
                    ("unwell", "I felt unwell, or side effects"),
                    ("ran_out", "I had none left"),
                    ("forgot", "I forgot"),
                    ("away", "I was away from home"),
                    ("told", "my clinic told me to"),
                    ("other", "another reason"),
                ],
                default="",
                max_length=16,
                verbose_name="reason",
            ),
        ),
        migrations.AddField(
            model_name="dose",
            name="taken_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="taken at"),
        ),
        migrations.AddField(
            model_name="dose",
            name="taken_quantity",
            field=models.DecimalField(
                blank=True, decimal_places=3, max_digits=9, null=True, verbose_name="quantity taken"
            ),
        ),
        migrations.AlterField(
            model_name="dose",
            name="skip_reason",
            field=models.CharField(
                blank=True, default="", max_length=200, verbose_name="reason in own words"
            ),
        ),
        migrations.AlterField(
            model_name="dose",
            name="state",
            field=models.CharField(
                choices=[
                    ("scheduled", "to take"),
                    ("taken", "taken"),
                    ("skipped", "skipped"),
                    ("unanswered", "unanswered"),
                    ("missed", "missed"),
                    ("withdrawn", "taken back"),
                ],
                default="scheduled",
                max_length=10,
                verbose_name="state",
            ),
        ),
        migrations.AddConstraint(
            model_name="dose",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("taken_quantity__isnull", True), ("taken_quantity__gt", 0), _connector="OR"
                ),
                name="dose_taken_quantity_positive",
            ),
        ),
        migrations.AddConstraint(
            model_name="dose",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind__in", ["extra", "as_needed"]), ("state", "taken")),
                fields=("prescription", "kind", "due_at"),
                name="dose_without_plan_once",
            ),
        ),
        migrations.AddField(
            model_name="doseanswer",
            name="by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="who",
            ),
        ),
        migrations.AddField(
            model_name="doseanswer",
            name="dose",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="answers",
                to="medications.dose",
                verbose_name="dose",
            ),
        ),
    ]
