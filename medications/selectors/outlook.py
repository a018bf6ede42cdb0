"""Reads: how long the home supply lasts, further ahead than doses are stored as rows."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from medications.models import OPEN_STATES, Dose, Prescription, StockBatch
from medications.rules import doses, stock
from medications.rules.errors import RuleError
from medications.selectors.supply import Supply, supply_of

LOOKS_AHEAD_DAYS = 180
"""Nobody collects a supply for longer."""

_DueDoses = list[tuple[datetime, Decimal]]


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """The home supply of a prescription. Its patient and medicine are joined, its schedules prefetched.

    `run_out_at` is the first dose ahead that can't be met in full, None when all within LOOKS_AHEAD_DAYS can;
    `days_left` the local days until then (0 is today). `demand` are the doses ahead, as far as it looks.
    """

    prescription: Prescription
    supply: Supply
    batches: Sequence[StockBatch]
    demand: _DueDoses
    today: date
    run_out_at: datetime | None

    @property
    def zone(self) -> str:
        return str(self.prescription.patient.zone)

    @property
    def run_out_on(self) -> date | None:
        return self.run_out_at.astimezone(ZoneInfo(self.zone)).date() if self.run_out_at else None

    @property
    def days_left(self) -> int | None:
        return (self.run_out_on - self.today).days if self.run_out_on else None

    @property
    def is_out(self) -> bool:
        """Nothing usable is left, or it isn't enough for the next dose, which is today's."""
        return not self.supply.quantity or self.days_left == 0

    @property
    def is_low(self) -> bool:
        """By the same threshold as the low-stock warning."""
        days_left = self.days_left
        return days_left is not None and days_left <= self.prescription.patient.clinic.low_stock_days

    def levels(self, days: int) -> list[tuple[date, Decimal]]:
        """What is left at the end of today and of each of so many days after it."""
        return stock.level(
            batches=[(batch.quantity, batch.expiry_date) for batch in self.batches],
            doses=self.demand,
            start=self.today,
            end=self.today + timedelta(days=days),
            timezone=self.zone,
        )


def outlooks(prescriptions: Sequence[Prescription], *, now: datetime) -> dict[int, Outlook]:
    """The outlook of each of these prescriptions that ever had a home supply. Six queries."""
    supplies = supply_of([each.pk for each in prescriptions], now=now)
    batches: dict[int, list[StockBatch]] = defaultdict(list)
    for batch in StockBatch.objects.filter(prescription_id__in=supplies, quantity__gt=0).order_by(
        "expiry_date", "id"
    ):
        batches[batch.prescription_id or 0].append(batch)
    rows: dict[int, _DueDoses] = defaultdict(list)
    known = Dose.objects.filter(prescription_id__in=supplies, due_at__gt=now, state__in=OPEN_STATES)
    for prescription_id, due_at, quantity in known.values_list("prescription_id", "due_at", "quantity"):
        rows[prescription_id].append((due_at, quantity))

    found = {}
    for prescription in prescriptions:
        if supply := supplies.get(prescription.pk):
            zone = prescription.patient.zone
            today = now.astimezone(ZoneInfo(zone)).date()
            demand = rows[prescription.pk] + _beyond(prescription, today)
            held = batches[prescription.pk]
            found[prescription.pk] = Outlook(
                prescription=prescription,
                supply=supply,
                batches=held,
                demand=demand,
                today=today,
                run_out_at=stock.run_out(
                    batches=[(batch.quantity, batch.expiry_date) for batch in held],
                    doses=demand,
                    timezone=zone,
                ),
            )
    return found


def _beyond(prescription: Prescription, today: date) -> _DueDoses:
    """The doses after those that are stored as rows."""
    due: _DueDoses = []
    end = today + timedelta(days=LOOKS_AHEAD_DAYS)
    if prescription.ended_at:
        return due
    for schedule in prescription.schedules.all():
        if schedule.expanded_until is None:
            continue
        try:
            due += doses.expand(
                schedule.rule,
                start=max(schedule.expanded_until + timedelta(days=1), prescription.start_date),
                end=min(end, prescription.end_date or end),
                timezone=prescription.patient.zone,
                slots=prescription.patient.slots,
            )
        except RuleError:  # the expansion of doses logs it
            continue
    return due
