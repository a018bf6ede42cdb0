"""Reads: which home supplies are worth a closer look. The database adds up; only what may be short is simulated.

Each answer may have too many, never too few: `supply_of` then says what is so.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Exists, OuterRef, QuerySet, Sum

from home.models import Patient, in_care
from medications import options
from medications.models import OPEN_STATES, Dose, Prescription, StockBatch
from medications.selectors.demand import STILL_TAKEN, demand_of

_DAYS = "patient__clinic__low_stock_days"
_ANY_ZONE = timedelta(days=2)
"""More than local dates can differ from those in UTC, and than a day that has begun."""
_PLACES = Decimal("0.001")
"""SQLite sums decimals as binary fractions; the columns have three places."""


def may_run_low(prescription_ids: Collection[int], *, now: datetime, ahead: timedelta) -> set[int]:
    """Those of these prescriptions that are active and whose stock might not last as far as their clinic warns, today
    or in so many days.

    What lasts that long and is enough for all doses until then can't run low. Three queries.
    """
    rows = _counted().filter(id__any_of=prescription_ids).values_list("id", "patient_id", _DAYS)
    patients = {id_: patient_id for id_, patient_id, _ in rows}
    within = {id_: days + ahead.days for id_, _, days in rows}
    far = _far(within)
    near = {id_: days for id_, days in within.items() if id_ not in far}
    return far | _not_enough(near, demand_of({patients[id_] for id_ in near}, set(near), now=now), now)


def may_run_low_at(patients: QuerySet[Patient], *, now: datetime) -> list[int]:
    """As `may_run_low`, today, of these patients. Three queries."""
    rows = dict(_counted().filter(patient__in=patients).order_by().values_list("id", _DAYS))
    far = _far(rows)
    near = {id_: within for id_, within in rows.items() if id_ not in far}
    # By patient, whose doses are in order: by prescription the database would read all that ever were.
    theirs = Dose.objects.filter(
        patient__in=patients.values("pk"), due_at__gt=now - STILL_TAKEN, state__in=OPEN_STATES
    )
    return sorted(far | (_not_enough(near, theirs, now) & near.keys()))


def _counted() -> QuerySet[Prescription]:
    """The active prescriptions that ever had a batch."""
    return Prescription.objects.filter(
        Exists(StockBatch.objects.filter(prescription=OuterRef("pk"))),
        in_care("patient"),
        ended_at__isnull=True,
    )


def _far(within: Mapping[int, int]) -> set[int]:
    """Those whose clinics warn from further ahead than doses are rows."""
    return {id_ for id_, days in within.items() if days + _ANY_ZONE.days >= options.horizon_days()}


def _not_enough(within: Mapping[int, int], demand: QuerySet[Dose], now: datetime) -> set[int]:
    """Of these prescriptions, and of others where there is demand of more."""
    if not within:
        return set()
    until = now + timedelta(days=max(within.values())) + _ANY_ZONE
    doses = demand.filter(due_at__lt=until)
    wanted = dict(doses.values_list("prescription_id").annotate(total=Sum("quantity")).order_by())
    batches = StockBatch.objects.filter(
        prescription_id__any_of=set(wanted), quantity__gt=0, expiry_date__gte=(until + _ANY_ZONE).date()
    )
    lasting = dict(batches.values_list("prescription_id").annotate(total=Sum("quantity")).order_by())
    return {id_ for id_, total in wanted.items() if total > lasting.get(id_, Decimal(0)) - _PLACES}
