"""What came onto a shelf from a file: warned of once staff say so, and taken away as long as nobody touched it."""

from collections.abc import Collection

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q
from wagtail.models import ModelLogEntry

from medications.models import StockBatch, StockMovement


def stock_warn_of(*, batch_ids: Collection[int]) -> None:
    """From the next look on staff are warned when these run out or expire. Safe to repeat."""
    StockBatch.objects.filter(id__in=batch_ids, is_silent=True).update(is_silent=False)


def stock_take_away(*, batch_ids: Collection[int]) -> set[int]:
    """Delete these batches of shelves with the movement that brought each; the ids of those that stay, because
    something was done with them since, or staff are warned of them. Five queries.
    """
    with transaction.atomic():
        silent = StockBatch.objects.filter(id__in=batch_ids, is_silent=True, prescription=None)
        locked = set(silent.select_for_update(of=("self",)).order_by("id").values_list("id", flat=True))
        later = ~Q(kind=StockMovement.Kind.RECEIVED)
        moved = StockMovement.objects.filter(later, batch__in=locked).values_list("batch_id", flat=True)
        edited = ModelLogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(StockBatch),
            object_id__in=[str(each) for each in locked],
        )
        touched = {*moved, *(int(each) for each in edited.values_list("object_id", flat=True))}
        free = locked - touched
        StockMovement.objects.filter(batch__in=free).delete()
        StockBatch.objects.filter(id__in=free).delete()
    return set(batch_ids) - free
