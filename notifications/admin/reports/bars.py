"""Amounts to the bars of an SVG. Pure.

Coordinates are texts, because a template would write 1.5 as 1,5 in Afrikaans.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

WIDTH, TOP, BOTTOM = 480, 24, 132


@dataclass(frozen=True, slots=True)
class Bar:
    """Where one bar stands, and where its two labels do: below it, and above it."""

    x: str
    y: str
    width: str
    height: str
    middle: str
    above: str


def bars(amounts: Sequence[Decimal], *, highest: Decimal | None = None) -> list[Bar]:
    """A bar for each amount, from left to right; the highest takes all the room, or where others are drawn beside them,
    the highest of all.
    """
    highest = highest or max([*amounts, Decimal(0)]) or Decimal(1)
    room = WIDTH / max(len(amounts), 1)
    made = []
    for number, amount in enumerate(amounts):
        height = (BOTTOM - TOP) * float(amount / highest)
        x, y = room * (number + 0.15), BOTTOM - height
        made.append(
            Bar(
                _text(x),
                _text(y),
                _text(room * 0.7),
                _text(height),
                _text(room * (number + 0.5)),
                _text(y - 6),
            )
        )
    return made


def _text(coordinate: float) -> str:
    return f"{coordinate:.1f}"
