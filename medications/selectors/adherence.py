"""Reads: what became of a patient's doses, and the days that their medicine covered."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from medications.models import OPEN_STATES, Dose, Prescription, StockMovement
from medications.rules import adherence
from medications.rules.adherence import Coverage, Due, Fill, Outcome
from medications.rules.wall_time import instant

COVERED_DAYS = 100
"""The longest period for which the proportion of days covered is shown."""

FEWEST_DAYS = 7
"""The shortest; a shorter one would be misleading."""

LASTS_DAYS = 180
"""Nobody collects a supply for longer: what was collected so long before a period is gone."""

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class DoseOutcome(adherence.DoseOutcome):
    """A dose as it stands in a month, with its time."""

    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class Covered(Coverage):
    """Of the days from `start` to `end`, both included."""

    start: date
    end: date


@dataclass(frozen=True, kw_only=True, slots=True)
class Refill:
    """What was collected for a prescription at one time, in units. `pk` is its movement's."""

    pk: int
    prescription_id: int
    at: datetime
    units: Decimal
    batch_number: str


def outcomes_of(
    prescriptions: Sequence[Prescription], *, first: date, last: date, now: datetime
) -> dict[int, list[DoseOutcome]]:
    """What became of the doses of these local dates, ends included, by prescription and in order. One query.

    The prescriptions are one patient's, whose clinic is joined, with their schedules prefetched. Open doses of one
    that was stopped before their time are left out.
    """
    found: dict[int, list[DoseOutcome]] = {each.pk: [] for each in prescriptions}
    if not prescriptions:
        return found
    zone = ZoneInfo(prescriptions[0].patient.zone)
    ended_at = {each.pk: each.ended_at for each in prescriptions}
    for dose in _between(found, zone, first, last).order_by("due_at", "id"):
        ends = ended_at[dose.prescription_id]
        if ends and dose.due_at >= ends and dose.state in OPEN_STATES:
            continue
        outcome, taken = outcome_of(dose, now=now)
        found[dose.prescription_id].append(
            DoseOutcome(
                day=dose.wall(zone)[0],
                due_at=dose.due_at,
                outcome=outcome,
                planned=dose.quantity,
                taken=taken,
                as_needed=not dose.is_planned,
            )
        )
    return found


def covered(prescriptions: Sequence[Prescription], *, until: date, now: datetime) -> dict[int, Covered]:
    """The days covered of the COVERED_DAYS up to this local date, by prescription, since its first refill.

    Those without a refill or a dose in that time, and those of which there would be too few days, are left out. The
    prescriptions are as in `outcomes_of`. Two queries.
    """
    if not prescriptions:
        return {}
    zone = ZoneInfo(prescriptions[0].patient.zone)
    until = min(until, now.astimezone(zone).date())
    ids = [each.pk for each in prescriptions]
    reaches_back = until - timedelta(days=COVERED_DAYS + LASTS_DAYS)
    due: dict[int, list[Due]] = defaultdict(list)
    rows = _between(ids, zone, reaches_back, until).filter(kind=Dose.Kind.PLANNED)
    for prescription_id, due_at, quantity in rows.values_list("prescription_id", "due_at", "quantity"):
        due[prescription_id].append((due_at.astimezone(zone).date(), quantity))
    collected: dict[int, list[Fill]] = defaultdict(list)
    for refill in refills_of(ids):
        collected[refill.prescription_id].append((refill.at.astimezone(zone).date(), refill.units))
    found = {
        each.pk: _covered(each, collected[each.pk], due[each.pk], until, zone)
        for each in prescriptions
        if due[each.pk]
    }
    return {prescription_id: each for prescription_id, each in found.items() if each}


def _covered(
    prescription: Prescription, collected: list[Fill], due: list[Due], until: date, zone: ZoneInfo
) -> Covered | None:
    end = min(filter(None, (until, prescription.end_date, _stopped_on(prescription, zone))))
    fills = [(day, units) for day, units in collected if day <= end]
    if not fills:
        return None
    longest = end - timedelta(days=COVERED_DAYS - 1)
    start = max(min(day for day, _ in fills), prescription.start_date, longest)
    is_long_enough = (end - start).days + 1 >= FEWEST_DAYS
    if not is_long_enough or not any(start <= day <= end for day, _ in due):
        return None
    oldest = start - timedelta(days=LASTS_DAYS)
    coverage = adherence.coverage(
        fills=[fill for fill in fills if fill[0] >= oldest],
        doses=[dose for dose in due if dose[0] >= oldest],
        start=start,
        end=end,
    )
    return Covered(days=coverage.days, of=coverage.of, start=start, end=end)


def _stopped_on(prescription: Prescription, zone: ZoneInfo) -> date | None:
    return prescription.ended_at.astimezone(zone).date() if prescription.ended_at else None


def _between(
    prescription_ids: Collection[int], zone: ZoneInfo, first: date, last: date
) -> QuerySet[Dose, Dose]:
    return recorded().filter(
        prescription_id__in=prescription_ids,
        due_at__gte=instant(first, time.min, zone),
        due_at__lt=instant(last + _ONE_DAY, time.min, zone),
    )


def recorded() -> QuerySet[Dose, Dose]:
    """The doses that adherence and treatment know of."""
    return Dose.objects.exclude(state=Dose.State.WITHDRAWN)


def outcome_of(dose: Dose, *, now: datetime) -> tuple[Outcome, Decimal]:
    """What became of a dose, and how much of it was taken, in units."""
    outcome = adherence.outcome_of(
        dose.state, planned=dose.quantity, taken=dose.taken_quantity, due_at=dose.due_at, now=now
    )
    if outcome not in (Outcome.TAKEN, Outcome.PART):
        return outcome, Decimal(0)
    return outcome, dose.amount


def refills_of(prescription_ids: Collection[int]) -> list[Refill]:
    """What was collected for these prescriptions, the oldest first, as its number was put right since. One query."""
    kind = StockMovement.Kind
    rows = StockMovement.objects.filter(
        prescription_id__in=prescription_ids, kind__in=(kind.RECEIVED, kind.HANDED_OUT, kind.CORRECTED)
    )
    # A batch is received once, so what was put right in it is of that.
    corrected: dict[int | None, Decimal] = defaultdict(Decimal)
    received = []
    for row in rows.select_related("batch").order_by("at", "id"):
        if row.kind == kind.CORRECTED:
            corrected[row.batch_id] += row.quantity
        else:
            received.append(row)
    return [
        Refill(
            pk=row.pk,
            prescription_id=row.prescription_id or 0,
            at=row.at,
            units=max(row.quantity + corrected[row.batch_id], Decimal(0)),
            batch_number=row.batch.batch_number if row.batch else "",
        )
        for row in received
    ]
