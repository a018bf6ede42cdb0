"""Reads: what will be taken. The doses that are rows, and those after them by their rules."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from medications.models import OPEN_STATES, Dose, Prescription
from medications.rules import doses
from medications.rules.errors import RuleError
from medications.rules.stock import Dose as DueDose

STILL_TAKEN = timedelta(hours=24)
"""How long after its time an open dose counts as one that will be taken, or was and isn't written down yet."""

_ONE_DAY = timedelta(days=1)


def open_doses(prescriptions: Collection[Prescription], *, now: datetime) -> defaultdict[int, list[DueDose]]:
    """The doses of each of these prescriptions that are rows and open: those ahead, and those of the last 24 hours.
    One query.
    """
    demand: defaultdict[int, list[DueDose]] = defaultdict(list)
    rows = demand_of(
        {each.patient_id for each in prescriptions}, {each.pk for each in prescriptions}, now=now
    )
    for prescription_id, due_at, quantity in rows.values_list("prescription_id", "due_at", "quantity"):
        demand[prescription_id].append((due_at, quantity))
    return demand


def demand_of(
    patient_ids: Collection[int], prescription_ids: Collection[int], *, now: datetime
) -> QuerySet[Dose]:
    """As `open_doses`, as a query. By patient too, whose doses are in order: by prescription alone the database would
    read all that ever were.
    """
    return Dose.objects.filter(
        patient_id__any_of=patient_ids,
        prescription_id__any_of=prescription_ids,
        due_at__gt=now - STILL_TAKEN,
        state__in=OPEN_STATES,
    )


def doses_beyond(prescription: Prescription, *, until: date) -> list[DueDose]:
    """The doses after those that are rows, up to that local day. Its schedules are prefetched, its patient joined."""
    due: list[DueDose] = []
    if prescription.ended_at:
        return due
    for schedule in prescription.schedules.all():
        if schedule.expanded_until is None or schedule.expanded_until >= until:
            continue
        try:
            due += doses.expand(
                schedule.rule,
                start=max(schedule.expanded_until + _ONE_DAY, prescription.start_date),
                end=min(until, prescription.end_date or until),
                timezone=prescription.patient.zone,
                slots=prescription.patient.slots,
            )
        except RuleError:  # the expansion of doses logs it
            continue
    return due
