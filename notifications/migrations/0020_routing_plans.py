"""Plans: by which channels the messages of a category go, one after the other.

Lists of what didn't get through leave out what was needed no more; those indexes come first, since they may be repeated.
"""

from django.db import migrations, models
from django.db.migrations.operations.base import Operation
from django.db.models import F, Q

from notifications.migrations._add_index_beside import AddIndexBeside

SAYS_WHY = Q(finished_at__isnull=False) & ~Q(error="", reason="") & ~Q(reason="reached")
CATEGORIES = [
    ("medication", "Medicine"),
    ("stock", "Stock"),
    ("vaccination", "Vaccination"),
    ("visit", "Visits"),
    ("event", "Events"),
    ("system", "News"),
]


def anew(index: models.Index) -> list[Operation]:
    """The index of that name with another condition."""
    forget = migrations.RemoveIndex("delivery", index.name)
    return [
        migrations.SeparateDatabaseAndState(state_operations=[forget]),
        AddIndexBeside("delivery", index),
    ]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("notifications", "0019_inbound_messages")]

    operations = [
        *anew(
            models.Index(
                F("finished_at").desc(), F("id").desc(), condition=SAYS_WHY, name="delivery_says_why"
            )
        ),
        *anew(
            models.Index(
                F("scope_id"),
                F("finished_at").desc(),
                F("id").desc(),
                condition=SAYS_WHY,
                name="delivery_scope_says_why",
            )
        ),
        migrations.AddField("delivery", "step", models.PositiveSmallIntegerField(blank=True, null=True)),
        migrations.CreateModel(
            name="RoutingPlan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("category", models.CharField(choices=CATEGORIES, max_length=20, verbose_name="category")),
                ("steps", models.JSONField(verbose_name="steps")),
            ],
            options={
                "verbose_name": "order of the channels",
                "verbose_name_plural": "orders of the channels",
                "constraints": [
                    models.UniqueConstraint(fields=("category",), name="routing_plan_once_per_category")
                ],
            },
        ),
    ]
