"""Reads: how long the home supply lasts, further ahead than doses are stored as rows."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from home.models.clinic import FURTHEST_DAYS_AHEAD
from medications.models import Prescription, StockBatch
from medications.rules import stock
from medications.selectors.demand import doses_beyond, open_doses
from medications.selectors.supply import Supply, supply_of

LOOKS_AHEAD_DAYS = FURTHEST_DAYS_AHEAD
"""As far as a clinic may warn."""

_DueDoses = list[tuple[datetime, Decimal]]


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """The home supply of a prescription. Its patient and medicine are joined, its schedules prefetched.

    `run_out_at` is the first open dose that can't be met in full, None when all within LOOKS_AHEAD_DAYS can;
    `days_left` the local days until then (0 is today, also for a dose that is open from before). `demand` are the open
    doses, as far as it looks.
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
        if self.run_out_at is None:
            return None
        return max(self.today, self.run_out_at.astimezone(ZoneInfo(self.zone)).date())

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
        zone = ZoneInfo(self.zone)
        earlier = [dose for dose in self.demand if dose[0].astimezone(zone).date() < self.today]
        return stock.level(
            batches=stock.left_after(
                batches=[(batch.quantity, batch.expiry_date) for batch in self.batches],
                doses=earlier,
                timezone=self.zone,
            ),
            doses=self.demand,
            start=self.today,
            end=self.today + timedelta(days=days),
            timezone=self.zone,
        )


def outlooks(prescriptions: Sequence[Prescription], *, now: datetime) -> dict[int, Outlook]:
    """The outlook of each of these prescriptions that ever had a home supply. At most seven queries."""
    supplies = supply_of([each.pk for each in prescriptions], now=now)
    batches: dict[int, list[StockBatch]] = defaultdict(list)
    for batch in StockBatch.objects.filter(prescription_id__in=supplies, quantity__gt=0).order_by(
        "expiry_date", "id"
    ):
        batches[batch.prescription_id or 0].append(batch)
    known = open_doses([each for each in prescriptions if each.pk in supplies], now=now)
    found = {}
    for prescription in prescriptions:
        if supply := supplies.get(prescription.pk):
            zone = prescription.patient.zone
            today = now.astimezone(ZoneInfo(zone)).date()
            until = today + timedelta(days=LOOKS_AHEAD_DAYS)
            demand = known[prescription.pk] + doses_beyond(prescription, until=until)
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
