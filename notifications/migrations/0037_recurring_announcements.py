"""Announcements that are told again and again."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0036_announcements"),
    ]

    operations = [
        migrations.AddField(
            model_name="announcement",
            name="begun_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="begun"),
        ),
        migrations.AddField(
            model_name="announcement",
            name="day",
            field=models.DateField(blank=True, null=True, verbose_name="day"),
        ),
        migrations.AddField(
            model_name="announcement",
            name="of",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="dates",
                to="notifications.announcement",
            ),
        ),
        migrations.AddField(
            model_name="announcement",
            name="pattern",
            field=models.JSONField(blank=True, null=True, verbose_name="dates"),
        ),
        migrations.AddIndex(
            model_name="announcement",
            index=models.Index(
                condition=models.Q(("begun_at__isnull", False), ("stopped_at__isnull", True)),
                fields=["id"],
                name="announcement_recurring",
            ),
        ),
        migrations.AddConstraint(
            model_name="announcement",
            constraint=models.UniqueConstraint(fields=("of", "day"), name="announcement_once_a_day"),
        ),
    ]
