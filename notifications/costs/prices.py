"""What messages and calls cost by the providers in use."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from notifications.models import MessagePrice
from notifications.rules.prices import Price, Unit, price_of


class Prices(NamedTuple):
    """The prices as they are read once for many messages, and the day on which these go."""

    all: tuple[Price, ...]
    on: date

    @classmethod
    def read(cls, on: date) -> "Prices":
        """One query."""
        return cls(tuple(each.as_price for each in MessagePrice.objects.order_by()), on)

    def cost(self, unit: Unit, provider: str, number: str, count: int = 1) -> Decimal | None:
        """Of so many; None where the price isn't known."""
        price = price_of(self.all, unit, provider, number, on=self.on)
        return None if price is None else price * count

    def placed(self, provider: str, number: str) -> Decimal | None:
        """What it costs to place a call, beside its minutes; None where neither price is known."""
        price = self.cost(Unit.CALL, provider, number)
        if price is None and self.cost(Unit.MINUTE, provider, number) is not None:
            return Decimal(0)
        return price

    def most(self, unit: Unit, providers: Collection[str], number: str, count: int = 1) -> Decimal:
        """What it costs at most, whichever of these takes it; nothing where no price is known."""
        costs = [self.cost(unit, provider, number, count) for provider in providers]
        return max((cost for cost in costs if cost is not None), default=Decimal(0))
