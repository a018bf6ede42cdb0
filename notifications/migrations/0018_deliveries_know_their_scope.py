"""Staff's list of what didn't get through, by what a delivery itself knows: whose it is, and when it was given up."""

from typing import Any

from django.db import migrations, models
from django.db.models import F, Max, OuterRef, Q, Subquery

from notifications.migrations._add_index_beside import AddIndexBeside

SAYS_WHY = Q(finished_at__isnull=False) & ~Q(error="", reason="")
AT_ONCE = 10_000
"""Ids of deliveries that are written in one transaction: whoever claims one of them waits so long."""


def carry_over(apps: Any, schema_editor: Any) -> None:
    """All of them: what was sent may be found undelivered later. It may be repeated."""
    message = apps.get_model("notifications", "Notification").objects.filter(pk=OuterRef("notification_id"))
    deliveries = apps.get_model("notifications", "Delivery").objects.filter(
        notification__scope_id__isnull=False
    )
    last = deliveries.aggregate(last=Max("pk"))["last"] or 0
    for start in range(0, last + 1, AT_ONCE):
        some = deliveries.filter(pk__gte=start, pk__lt=start + AT_ONCE, scope_id=None)
        some.update(scope_id=Subquery(message.values("scope_id")[:1]))


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("notifications", "0017_scope_of_deliveries")]

    operations = [
        migrations.RunPython(carry_over, migrations.RunPython.noop, elidable=False),
        AddIndexBeside(
            "delivery",
            models.Index(
                F("finished_at").desc(), F("id").desc(), condition=SAYS_WHY, name="delivery_says_why"
            ),
        ),
        AddIndexBeside(
            "delivery",
            models.Index(
                F("scope_id"),
                F("finished_at").desc(),
                F("id").desc(),
                condition=SAYS_WHY,
                name="delivery_scope_says_why",
            ),
        ),
    ]
