"""Old movements by their new kinds; and where the sums of a batch or of what is owed did not hold, a correction."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db import migrations
from django.db.models import Exists, OuterRef, Q, Sum
from django.utils import timezone

NEW_KINDS = {"refill": "received", "count": "counted"}
BATCH_WHY = "As it stood before each change was written down."
OWED_WHY = "Taken before anybody counted."


def rename_kinds(apps: Any, schema_editor: Any) -> None:
    movements = apps.get_model("medications", "StockMovement").objects.using(schema_editor.connection.alias)
    for old, new in NEW_KINDS.items():
        movements.filter(kind=old).update(kind=new)


def rename_kinds_back(apps: Any, schema_editor: Any) -> None:
    movements = apps.get_model("medications", "StockMovement").objects.using(schema_editor.connection.alias)
    for old, new in NEW_KINDS.items():
        movements.filter(kind=new).update(kind=old)


def make_sums_hold(apps: Any, schema_editor: Any) -> None:
    alias = schema_editor.connection.alias
    movement = apps.get_model("medications", "StockMovement")
    movement.objects.using(alias).bulk_create(
        [*_of_batches(apps, alias, movement), *_of_what_nobody_counted(apps, alias, movement)],
        batch_size=1000,
    )


def _of_batches(apps: Any, alias: str, movement: Any) -> Iterator[Any]:
    """A batch that somebody wrote without its movement: its quantity is right, and its ledger says so from now on."""
    now = timezone.now()
    batches = apps.get_model("medications", "StockBatch").objects.using(alias)
    rows = batches.annotate(moved=Sum("movements__quantity")).values_list(
        "id", "prescription_id", "quantity", "moved"
    )
    for batch_id, prescription_id, quantity, moved in rows.order_by("id").iterator():
        # SQLite sums decimals as binary fractions; the column has three places.
        difference = quantity - (moved or Decimal(0)).quantize(Decimal("0.001"))
        if difference:
            yield movement(
                batch_id=batch_id,
                prescription_id=prescription_id,
                quantity=difference,
                kind="corrected",
                at=now,
                why=BATCH_WHY,
            )


def _of_what_nobody_counted(apps: Any, alias: str, movement: Any) -> Iterator[Any]:
    """What was taken before a prescription's first batch was never owed: nobody kept count then."""
    earlier = apps.get_model("medications", "StockBatch").objects.filter(
        prescription=OuterRef("prescription"), received_at__lte=OuterRef("at")
    )
    uncounted = movement.objects.using(alias).filter(
        ~Exists(earlier) & ~Q(quantity=0), batch__isnull=True, prescription__isnull=False
    )
    for row in uncounted.order_by("id").iterator():
        yield movement(
            prescription_id=row.prescription_id,
            dose_id=row.dose_id,
            quantity=-row.quantity,
            kind="corrected",
            at=row.at,
            why=OWED_WHY,
        )


class Migration(migrations.Migration):
    dependencies = [("medications", "0002_stock_ledger")]

    operations = [
        migrations.RunPython(rename_kinds, rename_kinds_back),
        migrations.RunPython(make_sums_hold, migrations.RunPython.noop),
    ]
