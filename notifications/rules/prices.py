"""What a message costs: how much of something by the price of the longest prefix of its number. In rand. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo


class Unit(StrEnum):
    """What a provider takes money for."""

    SMS_PART = "sms_part"
    TEMPLATE = "template"
    FREE_TEXT = "free_text"
    """A WhatsApp message that goes by a template, or in free text."""
    CALL = "call"
    MINUTE = "minute"
    """A call that is placed, and each minute that begins in it."""


@dataclass(frozen=True, slots=True)
class Price:
    """What one provider takes for one of these to numbers that begin so (E.164, with +), from this day on."""

    unit: Unit
    provider: str
    prefix: str
    amount: Decimal
    valid_from: date


def price_of(prices: Iterable[Price], unit: Unit, provider: str, number: str, *, on: date) -> Decimal | None:
    """The price of one on that day; None where none is known.

    The longest prefix counts, and of its prices the latest that holds by then.
    """
    fitting = [
        (len(each.prefix), each.valid_from, each.amount)
        for each in prices
        if (each.unit, each.provider) == (unit, provider)
        and each.valid_from <= on
        and number.startswith(each.prefix)
    ]
    return max(fitting)[2] if fitting else None


def minutes_begun(seconds: int) -> int:
    """How many minutes a call of so many seconds is charged for."""
    return -(-seconds // 60)


def exact(amount: Decimal) -> Decimal:
    """To the hundredth of a cent, as amounts are kept: SQLite adds them up in floating point."""
    return amount.quantize(Decimal("0.0001"))


def month_of(moment: datetime, zone: str) -> date:
    """The first day of the month that an aware moment is in, in this IANA zone."""
    return moment.astimezone(ZoneInfo(zone)).date().replace(day=1)
