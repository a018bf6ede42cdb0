"""What a message costs: parts by the price of the longest prefix of its number. In rand. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Price:
    """What one provider takes for a part to numbers that begin so (E.164, with +), from this day on."""

    provider: str
    prefix: str
    per_part: Decimal
    valid_from: date


def price_of(prices: Iterable[Price], provider: str, number: str, *, on: date) -> Decimal | None:
    """The price of a part on that day; None where none is known.

    The longest prefix counts, and of its prices the latest that holds by then.
    """
    fitting = [
        (len(each.prefix), each.valid_from, each.per_part)
        for each in prices
        if each.provider == provider and each.valid_from <= on and number.startswith(each.prefix)
    ]
    return max(fitting)[2] if fitting else None


def exact(amount: Decimal) -> Decimal:
    """To the hundredth of a cent, as amounts are kept: SQLite adds them up in floating point."""
    return amount.quantize(Decimal("0.0001"))


def month_of(moment: datetime, zone: str) -> date:
    """The first day of the month that an aware moment is in, in this IANA zone."""
    return moment.astimezone(ZoneInfo(zone)).date().replace(day=1)
