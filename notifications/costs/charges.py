"""What a delivery costs, on its own row."""

from decimal import Decimal
from typing import Any

from django.db.models import F
from django.db.models.functions import Coalesce

from notifications.types import SendResult


def charges(answer: SendResult) -> dict[str, Any]:
    """The columns of what this sending costs, beside what an earlier one of the same cost."""
    price = {} if answer.cost is None else {"cost": Coalesce("cost", Decimal(0)) + answer.cost}
    return {
        "parts": F("parts") + answer.parts,
        "sendings": F("sendings") + 1,
        "unpriced": F("unpriced") + int(answer.cost is None),
        "seconds": None,
        **price,
    }
