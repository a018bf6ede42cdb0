"""Reads: which home supplies may have something new to say, and when each is to be looked at again.

A supply runs low on the day on which its run-out comes as near as the clinic warns, unless somebody changes something;
whoever does makes it due again (services/stock_looks.py). So each is looked at on that day, or after some days: what a
change forgot to say is found by then.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Q, QuerySet

from home.models import in_care
from medications.models import Prescription
from medications.selectors.shortages import may_run_low
from medications.selectors.supply import Supply, supply_of

REMEMBERED = timedelta(days=3)
"""How long nothing is looked at again if nobody says that it changed."""

_ONE_DAY = timedelta(days=1)


class Look(NamedTuple):
    """What was seen of one home supply: `supply` is None where it lasts so long that it isn't worth a closer look;
    `again_at` is when it is to be looked at next.
    """

    prescription_id: int
    supply: Supply | None
    again_at: datetime


def due_looks(*, now: datetime) -> QuerySet[Prescription]:
    """The active prescriptions whose home supplies are to be looked at, in the order of their ids."""
    return Prescription.objects.filter(
        Q(stock_due_at__isnull=True) | Q(stock_due_at__lte=now), in_care("patient"), ended_at__isnull=True
    ).order_by("id")


def look_at(prescription_ids: Collection[int], *, now: datetime) -> list[Look]:
    """Look at these home supplies. One that can't be worked out is logged and left out, and stays due. Three queries,
    and five for those that are worth a closer look.
    """
    closer = may_run_low(prescription_ids, now=now, ahead=REMEMBERED)
    supplies = supply_of(closer, now=now) if closer else {}
    return [
        Look(id_, supply, _again_at(supply, now))
        for id_ in prescription_ids
        if (supply := supplies.get(id_)) or id_ not in closer
    ]


def _again_at(supply: Supply | None, now: datetime) -> datetime:
    if supply is None or supply.low:
        return now + REMEMBERED
    if supply.low_from is None:
        return now + _ONE_DAY  # nobody knows its doses further ahead
    return min(supply.low_from, now + REMEMBERED)
