from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("home", "0006_first_pages_in_better_words"),
        ("medications", "0002_doses_know_their_local_day"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="vaccinationrecord",
            name="vaccination_once_per_dose",
        ),
        migrations.AddField(
            model_name="vaccinationrecord",
            name="repeat",
            field=models.PositiveSmallIntegerField(
                db_default=0, default=0, editable=False, verbose_name="repeat"
            ),
        ),
        migrations.AddIndex(
            model_name="vaccinationrecord",
            index=models.Index(
                condition=models.Q(("date_given__isnull", True)),
                fields=["next_due_date"],
                name="vaccination_open_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="vaccinationrecord",
            constraint=models.UniqueConstraint(
                fields=("patient", "vaccine", "dose_number", "repeat"),
                name="vaccination_once_per_dose",
                violation_error_message="This patient already has a record of this dose.",
            ),
        ),
    ]
