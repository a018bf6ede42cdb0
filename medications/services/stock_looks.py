"""When home supplies are looked at again: whoever changes something that may bring a run-out nearer says so here.

What can only bring it later says nothing: a dose that is skipped, missed or taken out of the plan. Nor does a dose
that is taken as planned, since what is taken of the stock is no longer asked of it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from medications.models import Dose, Prescription
from medications.selectors.demand import STILL_TAKEN
from medications.selectors.looks import Look


def look_again(prescription_ids: Collection[int]) -> None:
    """Have these home supplies looked at the next time. The caller's transaction holds their rows, so that whoever is
    looking at one now has remembered it before.
    """
    remembered = Prescription.objects.filter(id__any_of=prescription_ids, stock_due_at__isnull=False)
    remembered.update(stock_due_at=None)


def hold_and_look_again(prescriptions: QuerySet[Prescription]) -> None:
    """As `look_again`, for whoever doesn't hold the rows yet: in one order, as everybody else."""
    with transaction.atomic():
        rows = prescriptions.select_for_update(no_key=True, of=("self",)).order_by("id")
        if ids := list(rows.values_list("id", flat=True)):
            look_again(ids)


def as_planned(dose: Dose, *, now: datetime) -> bool:
    """Whether a dose that is taken now was counted on until now. One of the future may be of after the run-out."""
    return dose.is_planned and now - STILL_TAKEN < dose.due_at <= now


def remember(looks: Iterable[Look]) -> None:
    """When each is to be looked at next. The caller's transaction has held their rows since before it looked."""
    again: dict[datetime, set[int]] = defaultdict(set)
    for look in looks:
        again[look.again_at].add(look.prescription_id)
    for at, ids in again.items():
        Prescription.objects.filter(id__any_of=ids).update(stock_due_at=at)
