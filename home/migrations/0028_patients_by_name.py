"""A clinic's list of patients in its order."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("home", "0027_no_index_for_like")]

    operations = [
        migrations.AddIndex(
            "patient",
            models.Index(
                fields=["clinic", "last_name", "first_name", "id"],
                condition=Q(deceased_on__isnull=True, left_on__isnull=True, erased_at__isnull=True),
                name="patient_here_by_name",
            ),
        ),
    ]
