"""Reads: whose batches expire soon. Only those are looked at, and only as long as nobody was told."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from typing import NamedTuple

from django.db.models import Q, QuerySet

from home.models import Clinic, in_care
from home.models.clinic import FURTHEST_DAYS_AHEAD
from medications.models import StockBatch
from notifications.models import EventRecord

EXPIRING = "medication.expiring"
_ANY_ZONE = timedelta(days=2)
"""More than local dates can differ from those in UTC."""
_KEYS = 1_000
"""Keys asked for together."""

_Row = tuple[int, date, int | None, int | None]


class Holders(NamedTuple):
    """Whose batches they are: prescriptions and clinics, each in order."""

    prescriptions: list[int]
    clinics: list[int]


def expiry_key(batch_id: int, last_usable_day: date) -> str:
    """The dedupe key of what is said of this: once, unless it gets another last day."""
    return f"{batch_id}:{last_usable_day}"


def may_expire(*, now: datetime) -> Holders:
    """Who has a batch that expires as soon as their clinic warns, of which nobody was told: all of them, and some of
    whom `supply_of` then says that it is used up by then. Two queries, and one for each thousand batches.
    """
    untold = list(_untold(_soon(now)))
    return Holders(
        sorted({prescription_id for _, _, prescription_id, _ in untold if prescription_id}),
        sorted({clinic_id for _, _, _, clinic_id in untold if clinic_id}),
    )


def _soon(now: datetime) -> list[_Row]:
    days = set(Clinic.objects.order_by().values_list("expiry_days", flat=True).distinct())
    if not days:
        return []
    rows: QuerySet[StockBatch] = StockBatch.objects.filter(
        reduce(or_, [_warned_of(each, now) for each in days]),
        Q(clinic__isnull=False) | Q(prescription__ended_at__isnull=True) & in_care("prescription__patient"),
        quantity__gt=0,
        is_silent=False,
        expiry_date__gte=(now - _ANY_ZONE).date(),
        expiry_date__lte=_until(max(days), now),
    )
    return list(rows.values_list("id", "expiry_date", "prescription_id", "clinic_id"))


def _warned_of(days: int, now: datetime) -> Q:
    """Those of the clinics that warn so many days ahead."""
    theirs = Q(clinic__expiry_days=days) | Q(prescription__patient__clinic__expiry_days=days)
    return theirs & Q(expiry_date__lte=_until(days, now))


def _until(days: int, now: datetime) -> date:
    return (now + timedelta(days=min(days, FURTHEST_DAYS_AHEAD)) + _ANY_ZONE).date()


def _untold(rows: Iterable[_Row]) -> Iterator[_Row]:
    by_key = {expiry_key(row[0], row[1]): row for row in rows}
    keys = list(by_key)
    for start in range(0, len(keys), _KEYS):
        some = keys[start : start + _KEYS]
        said = EventRecord.objects.filter(event_type=EXPIRING, dedupe_key__in=some)
        told = set(said.values_list("dedupe_key", flat=True))
        yield from [by_key[key] for key in some if key not in told]
