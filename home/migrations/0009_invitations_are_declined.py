from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("home", "0008_how_far_ahead_to_warn"),
    ]

    operations = [
        migrations.AddField(
            model_name="invitation",
            name="declined_at",
            field=models.DateTimeField(null=True, verbose_name="declined"),
        ),
    ]
