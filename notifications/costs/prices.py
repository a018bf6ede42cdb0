"""What SMS cost by the providers in use."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from notifications.models import SmsPrice
from notifications.rules.prices import Price, price_of


class Prices(NamedTuple):
    """The prices as they are read once for many messages, and the day on which these go."""

    all: tuple[Price, ...]
    on: date

    @classmethod
    def read(cls, on: date) -> "Prices":
        """One query."""
        return cls(tuple(each.as_price for each in SmsPrice.objects.order_by()), on)

    def cost(self, provider: str, number: str, parts: int) -> Decimal | None:
        """None where the price isn't known."""
        price = price_of(self.all, provider, number, on=self.on)
        return None if price is None else price * parts

    def most(self, providers: Collection[str], number: str, parts: int) -> Decimal:
        """What it costs at most, whichever of these takes it; nothing where no price is known."""
        costs = [self.cost(provider, number, parts) for provider in providers]
        return max((cost for cost in costs if cost is not None), default=Decimal(0))
