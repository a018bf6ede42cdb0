"""Its index by itself: it is made while others go on sending, which no transaction allows."""

from django.db import migrations, models
from django.db.models import Q

from notifications.migrations._add_index_beside import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("notifications", "0028_costs")]

    operations = [
        AddIndexBeside(
            "delivery",
            models.Index(
                condition=Q(finished_at__isnull=True, reserved__isnull=False),
                fields=["scope_id"],
                name="delivery_reserved",
            ),
        ),
    ]
