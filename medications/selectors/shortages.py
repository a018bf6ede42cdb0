"""Reads: which home supplies are worth a closer look. The database adds up; only what may be short is simulated.

Each answer may have too many, never too few: `supply_of` then says what is so.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Exists, Max, OuterRef, QuerySet, Sum

from home.models import Clinic, Patient, in_care
from home.models.clinic import FURTHEST_DAYS_AHEAD
from medications import options
from medications.models import OPEN_STATES, Dose, Prescription, StockBatch
from medications.selectors.demand import STILL_TAKEN

CHUNK = 1_000
"""Prescriptions looked at together."""
_ANY_ZONE = timedelta(days=2)
"""More than local dates can differ from those in UTC, and than a day that has begun."""
_PLACES = Decimal("0.001")
"""SQLite sums decimals as binary fractions; the columns have three places."""


def may_run_low(*, now: datetime) -> Iterator[list[int]]:
    """The active prescriptions whose stock might not last as far as their clinic warns, a chunk at a time.

    What lasts that long and is enough for all doses until then can't run low. Three queries a chunk.
    """
    days = "patient__clinic__low_stock_days"
    for rows in _chunks(_counted(), days):
        far = _far(rows)
        near = {id_: within for id_, within in rows.items() if id_ not in far}
        yield sorted(far | _not_enough(near, {"prescription_id__in": near}, now))


def may_run_low_at(patients: QuerySet[Patient], *, now: datetime) -> list[int]:
    """As `may_run_low`, of these patients alone and at once. Three queries."""
    theirs = _counted().filter(patient__in=patients)
    rows = dict(theirs.order_by().values_list("id", "patient__clinic__low_stock_days"))
    far = _far(rows)
    near = {id_: within for id_, within in rows.items() if id_ not in far}
    # By patient, whose doses are in order: by prescription the database would read all that ever were.
    short = _not_enough(near, {"patient__in": patients.values("pk")}, now)
    return sorted(far | (short & near.keys()))


def may_expire(*, now: datetime) -> Iterator[list[int]]:
    """The active prescriptions with a batch that expires as soon as some clinic warns of it, a chunk at a time."""
    furthest = Clinic.objects.aggregate(days=Max("expiry_days"))["days"] or 0
    within = timedelta(days=min(furthest, FURTHEST_DAYS_AHEAD))
    soon = StockBatch.objects.filter(
        prescription=OuterRef("pk"),
        quantity__gt=0,
        expiry_date__gte=(now - _ANY_ZONE).date(),
        expiry_date__lte=(now + within + _ANY_ZONE).date(),
    )
    for rows in _chunks(_counted().filter(Exists(soon)), "patient_id"):
        yield list(rows)


def _counted() -> QuerySet[Prescription]:
    """The active prescriptions that ever had a batch."""
    return Prescription.objects.filter(
        Exists(StockBatch.objects.filter(prescription=OuterRef("pk"))),
        in_care("patient"),
        ended_at__isnull=True,
    )


def _chunks(prescriptions: QuerySet[Prescription], value: str) -> Iterator[dict[int, int]]:
    """The ids in their order, each with this value."""
    in_order = prescriptions.order_by("id")
    last = 0
    while rows := dict(in_order.filter(id__gt=last).values_list("id", value)[:CHUNK]):
        last = max(rows)
        yield rows


def _far(within: Mapping[int, int]) -> set[int]:
    """Those whose clinics warn from further ahead than doses are rows."""
    return {id_ for id_, days in within.items() if days + _ANY_ZONE.days >= options.horizon_days()}


def _not_enough(within: Mapping[int, int], of: Mapping[str, Any], now: datetime) -> set[int]:
    """Of these prescriptions, and of others where `of`, by which the doses are found, gives more."""
    if not within:
        return set()
    until = now + timedelta(days=max(within.values())) + _ANY_ZONE
    doses = Dose.objects.filter(
        **of,
        due_at__gt=now - STILL_TAKEN,
        due_at__lt=until,
        state__in=OPEN_STATES,
    )
    wanted = dict(doses.values_list("prescription_id").annotate(total=Sum("quantity")).order_by())
    batches = StockBatch.objects.filter(
        prescription_id__any_of=set(wanted), quantity__gt=0, expiry_date__gte=(until + _ANY_ZONE).date()
    )
    lasting = dict(batches.values_list("prescription_id").annotate(total=Sum("quantity")).order_by())
    return {id_ for id_, total in wanted.items() if total > lasting.get(id_, Decimal(0)) - _PLACES}
