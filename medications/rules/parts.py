"""Into which parts a unit of medicine can be divided. Pure."""

from decimal import Decimal

_SMALLEST = {"tablet": Decimal("0.25"), "ml": Decimal("0.001")}
"""A tablet can be cut in quarters, a liquid measured. All other forms are given whole."""


def can_be_given(quantity: Decimal, form: str) -> bool:
    """Whether so many units of this form can be taken or handed out."""
    return quantity > 0 and not quantity % _SMALLEST.get(form, Decimal(1))
