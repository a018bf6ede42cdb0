from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("home", "0025_times_of_day_in_words"),
    ]

    operations = [
        migrations.AddField(
            model_name="worklistrefresh",
            name="begun_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="worklistrefresh",
            name="at",
            field=models.DateTimeField(null=True),
        ),
    ]
