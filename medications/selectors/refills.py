"""Reads: which run-out a stock is in. A refill of any form ends one: a pack, a count upwards, a correction upwards."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import NamedTuple

from django.db.models import Max, Min, Q, QuerySet

from medications.models import REFILLS, StockBatch, StockMovement

_NEW_PACK = (StockMovement.Kind.RECEIVED, StockMovement.Kind.HANDED_OUT)


class Holder(NamedTuple):
    """Whose stock it is: a prescription's, or a clinic's of one medicine."""

    prescription_id: int | None = None
    clinic_id: int | None = None
    medicine_id: int | None = None


def holder_of(prescription_id: int | None, clinic_id: int | None, medicine_id: int) -> Holder:
    """Of a batch with these values."""
    if prescription_id is not None:
        return Holder(prescription_id=prescription_id)
    return Holder(clinic_id=clinic_id, medicine_id=medicine_id)


def run_out_keys(holders: Iterable[Holder]) -> dict[Holder, str]:
    """A name for the run-out that each of these stocks is in, or is to come to: another one after each refill.

    It is the id of the newest batch alone, as long as nothing was added to any batch since. Two queries.
    """
    wanted = set(holders)
    batches = _batches_of(wanted)
    refills = StockMovement.objects.filter(batch__in=batches, quantity__gt=0, kind__in=REFILLS)
    by_batch = refills.values_list("batch_id").annotate(
        opened=Min("id", filter=Q(kind__in=_NEW_PACK)), added=Max("id")
    )
    added_to = {batch_id: (opened or 0, added) for batch_id, opened, added in by_batch.order_by()}
    newest: dict[Holder, int] = {}
    last: dict[Holder, int] = defaultdict(int)
    rows = batches.order_by("id").values_list("id", "prescription_id", "clinic_id", "medicine_id")
    for batch_id, prescription_id, clinic_id, medicine_id in rows:
        key = holder_of(prescription_id, clinic_id, medicine_id)
        newest[key] = batch_id
        last[key] = max(last[key], added_to.get(batch_id, (0, 0))[1])
    return {
        key: f"{batch_id}:{last[key]}" if last[key] > added_to.get(batch_id, (0, 0))[0] else str(batch_id)
        for key, batch_id in newest.items()
        if key in wanted
    }


def _batches_of(holders: Collection[Holder]) -> QuerySet[StockBatch]:
    return StockBatch.objects.filter(
        Q(prescription__in=[each.prescription_id for each in holders if each.prescription_id])
        | Q(
            clinic__in={each.clinic_id for each in holders if each.clinic_id},
            medicine__in={each.medicine_id for each in holders if each.clinic_id},
        )
    )
