"""Numbers are kept by day, and clinics stand in districts. What was counted before is counted anew within the hour."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def count_anew(apps, schema_editor):
    apps.get_model("home", "ClinicCount").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [
        ("home", "0035_imports"),
    ]

    operations = [
        migrations.CreateModel(
            name="Region",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name")),
            ],
            options={
                "verbose_name": "district",
                "verbose_name_plural": "districts",
                "ordering": ["name"],
                "constraints": [models.UniqueConstraint(fields=("name",), name="region_name_once")],
            },
        ),
        migrations.CreateModel(
            name="RegionRole",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="roles",
                        to="home.region",
                        verbose_name="district",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="region_roles",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "district manager",
                "verbose_name_plural": "district managers",
                "ordering": ["region", "user"],
                "constraints": [models.UniqueConstraint(fields=("region", "user"), name="region_role_once")],
            },
        ),
        migrations.AddField(
            model_name="clinic",
            name="region",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="clinics",
                to="home.region",
                verbose_name="district",
            ),
        ),
        migrations.RunPython(count_anew, migrations.RunPython.noop, elidable=True),
        migrations.RemoveConstraint(model_name="cliniccount", name="clinic_count_once"),
        migrations.AddField(
            model_name="cliniccount",
            name="day",
            field=models.DateField(default="2026-01-01"),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="cliniccount",
            constraint=models.UniqueConstraint(fields=("clinic", "name", "day"), name="clinic_count_once"),
        ),
    ]
