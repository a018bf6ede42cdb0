"""Movements get their kind, their reason and the day for which something was taken."""

import django.db.models.deletion
from django.db import migrations, models

KINDS = [
    ("received", "received"),
    ("handed_out", "handed out"),
    ("taken", "taken"),
    ("undone", "undone"),
    ("counted", "counted"),
    ("corrected", "corrected"),
    ("wasted", "wasted"),
]


class Migration(migrations.Migration):
    dependencies = [("medications", "0001_medication")]

    operations = [
        migrations.RenameField(model_name="stockmovement", old_name="reason", new_name="kind"),
        migrations.AlterField(
            model_name="stockmovement",
            name="kind",
            field=models.CharField(choices=KINDS, max_length=10, verbose_name="what happened"),
        ),
        migrations.AddField(
            model_name="stockmovement",
            name="why",
            field=models.CharField(blank=True, default="", max_length=200, verbose_name="why"),
        ),
        migrations.AddField(
            model_name="stockmovement",
            name="taken_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="stockmovement",
            name="from_shelf",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="to_home",
                to="medications.stockmovement",
            ),
        ),
        migrations.AlterField(
            model_name="stockmovement",
            name="batch",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="movements",
                to="medications.stockbatch",
            ),
        ),
        migrations.AddIndex(
            model_name="stockmovement",
            index=models.Index(
                condition=models.Q(("batch__isnull", True)),
                fields=["prescription", "id"],
                name="movement_owed",
            ),
        ),
        migrations.AddIndex(
            model_name="stockmovement",
            index=models.Index(
                condition=models.Q(
                    ("kind__in", ["received", "handed_out", "counted", "corrected"]), ("quantity__gt", 0)
                ),
                fields=["batch", "id"],
                name="movement_refill",
            ),
        ),
    ]
