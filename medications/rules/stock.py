"""How long a stock lasts, dose by dose.

A batch is (quantity, last usable day); a dose is (due time, quantity), in any order. Quantities are of the
same unit. Stock is used from the batch that expires first. A batch can be used on its last usable day, a
local date in `timezone`, and not after it. A dose may draw on several batches; one that
can't be met in full takes nothing, because half a dose is not a dose.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from medications.rules.errors import RuleError
from medications.rules.wall_time import utc, zone

Batch = tuple[Decimal, date]
Dose = tuple[datetime, Decimal]

NOTHING = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Taking:
    """What a quantity takes: (position of the batch as given, quantity) each, and the shortfall."""

    allocations: tuple[tuple[int, Decimal], ...]
    shortfall: Decimal


@dataclass(frozen=True, kw_only=True)
class ExpiringBatch:
    """A batch, by its position as given, of which `left` will still be there after its last usable day."""

    position: int
    last_usable_day: date
    left: Decimal


@dataclass
class _Remaining:
    position: int
    last_usable_day: date
    left: Decimal


def run_out(
    *,
    batches: Iterable[Batch],
    doses: Iterable[Dose],
    timezone: str = "Africa/Johannesburg",
) -> datetime | None:
    """The due time of the first dose that cannot be met in full, or None when all can."""
    remaining = _by_expiry(batches)
    for due_at, day, quantity in _by_due_time(doses, timezone):
        if not _meet(remaining, quantity, day):
            return due_at
    return None


def expiring(
    *,
    batches: Iterable[Batch],
    doses: Iterable[Dose],
    today: date,
    within_days: int = 5,
    timezone: str = "Africa/Johannesburg",
) -> list[ExpiringBatch]:
    """The batches that expire at most `within_days` from today and would not be used up by then, soonest
    first.

    `doses` are those still to come and reach at least that far. A batch that has expired already is not among
    them.
    """
    return foresee(
        batches=batches, doses=doses, today=today, within_days=within_days, timezone=timezone
    ).expiring


@dataclass(frozen=True, kw_only=True)
class Foreseen:
    """What becomes of a stock, as `run_out` and `expiring` say."""

    run_out_at: datetime | None
    expiring: list[ExpiringBatch]


def foresee(
    *,
    batches: Iterable[Batch],
    doses: Iterable[Dose],
    today: date,
    within_days: int,
    timezone: str,
) -> Foreseen:
    """Both at once: the stock is used dose by dose for either."""
    remaining = _by_expiry(batches)
    run_out_at = None
    for due_at, day, quantity in _by_due_time(doses, timezone):
        if not _meet(remaining, quantity, day) and run_out_at is None:
            run_out_at = due_at
    expiring = [
        ExpiringBatch(
            position=batch.position,
            last_usable_day=batch.last_usable_day,
            left=batch.left,
        )
        for batch in remaining
        if batch.left and 0 <= (batch.last_usable_day - today).days <= within_days
    ]
    return Foreseen(run_out_at=run_out_at, expiring=expiring)


def left_after(
    *, batches: Iterable[Batch], doses: Iterable[Dose], timezone: str = "Africa/Johannesburg"
) -> list[Batch]:
    """The batches as they are once these doses have been taken from them, in the order given."""
    remaining = _by_expiry(batches)
    for _, day, quantity in _by_due_time(doses, timezone):
        _meet(remaining, quantity, day)
    in_order = sorted(remaining, key=lambda batch: batch.position)
    return [(batch.left, batch.last_usable_day) for batch in in_order]


def level(
    *,
    batches: Iterable[Batch],
    doses: Iterable[Dose],
    start: date,
    end: date,
    timezone: str = "Africa/Johannesburg",
) -> list[tuple[date, Decimal]]:
    """The usable quantity left at the end of each local date from start to end, both included.

    `batches` are what is there when start begins; doses outside these dates are ignored.
    """
    remaining = _by_expiry(batches)
    demand: dict[date, list[Decimal]] = {}
    for _, day, quantity in _by_due_time(doses, timezone):
        demand.setdefault(day, []).append(quantity)
    points = []
    for number in range((end - start).days + 1):
        day = start + timedelta(days=number)
        for quantity in demand.get(day, ()):
            _meet(remaining, quantity, day)
        points.append(
            (
                day,
                sum(
                    (batch.left for batch in remaining if batch.last_usable_day >= day),
                    NOTHING,
                ),
            )
        )
    return points


def take(*, batches: Iterable[Batch], quantity: Decimal, today: date) -> Taking:
    """Allocate a quantity that was taken to the batches that were usable then, soonest expiry first.

    `today` is the dose's own day, whenever it is answered. Unlike a future dose it takes what there is. The rest is
    the shortfall, which is shown and taken from the next refill.
    """
    parts, missing = _allocate(_by_expiry(batches), _not_negative(quantity), today)
    return Taking(allocations=tuple([(batch.position, part) for batch, part in parts]), shortfall=missing)


def _by_expiry(batches: Iterable[Batch]) -> list[_Remaining]:
    remaining = [
        _Remaining(
            position=position,
            last_usable_day=last_usable_day,
            left=_not_negative(quantity),
        )
        for position, (quantity, last_usable_day) in enumerate(batches)
    ]
    return sorted(remaining, key=lambda batch: batch.last_usable_day)


def _by_due_time(doses: Iterable[Dose], timezone: str) -> Iterator[tuple[datetime, date, Decimal]]:
    tz = zone(timezone)
    for due_at, quantity in sorted(doses, key=lambda dose: utc(dose[0], "due_at")):
        yield due_at, due_at.astimezone(tz).date(), _not_negative(quantity)


def _not_negative(quantity: Decimal) -> Decimal:
    if quantity < 0:
        raise RuleError("quantity", "quantity: this must not be negative.")
    return quantity


def _allocate(
    remaining: Iterable[_Remaining], quantity: Decimal, day: date
) -> tuple[list[tuple[_Remaining, Decimal]], Decimal]:
    """What each batch gives, and what is missing. Nothing is taken yet."""
    parts = []
    missing = quantity
    for batch in remaining:
        if not missing:
            break
        if batch.left and batch.last_usable_day >= day:
            part = min(batch.left, missing)
            parts.append((batch, part))
            missing -= part
    return parts, missing


def _meet(remaining: list[_Remaining], quantity: Decimal, day: date) -> bool:
    """Takes the quantity if all of it is there, and says whether it was."""
    parts, missing = _allocate(remaining, quantity, day)
    if missing:
        return False
    for batch, part in parts:
        batch.left -= part
    return True
