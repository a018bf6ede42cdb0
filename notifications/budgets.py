"""How much a part of the world may spend on messages in a month.

The engine knows no clinics. Whoever keeps their budgets says it here, once, while the site starts. Until then nobody
has one.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Budget:
    """What a scope may spend in a month of its own zone (IANA), in rand; None is any amount."""

    amount: Decimal | None
    zone: str


Budgets = Callable[[Collection[int]], Mapping[int, Budget]]
"""The budgets of these scopes. One query."""

_budgets: list[Budgets] = []


def register_budgets(budgets: Budgets) -> None:
    """Ask this one; it takes the place of the one before."""
    _budgets[:] = [budgets]


def budgets_of(scope_ids: Collection[int | None]) -> Mapping[int | None, Budget]:
    """A budget for each of these; without one the amount is None and the zone the site's. At most one query."""
    known = _budgets[0]([id_ for id_ in scope_ids if id_ is not None]) if _budgets and any(scope_ids) else {}
    none = Budget(None, settings.TIME_ZONE)
    return {id_: known.get(id_, none) if id_ is not None else none for id_ in scope_ids}
