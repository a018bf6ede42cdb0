from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("medications", "0007_answers_of_before")]

    operations = [
        migrations.AlterModelOptions(
            name="doseschedule",
            options={
                "ordering": ["id"],
                "verbose_name": "dose schedule",
                "verbose_name_plural": "dose schedules",
            },
        ),
    ]
