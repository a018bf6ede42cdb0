"""Numbers to the points of an SVG. Pure.

Coordinates are texts, because a template would write 1.5 as 1,5 in Afrikaans.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

WIDTH, HEIGHT = 320, 140
_LEFT, _RIGHT, _TOP, _BOTTOM = 8, 312, 24, 112
_LABEL = 28
"""Half of what the label of a date takes, so that it stays inside."""

Point = tuple[str, str]


@dataclass(frozen=True, slots=True)
class LevelPlot:
    """The falling line of a stock level over days, the area below it, and the point where it ends."""

    line: str
    area: str
    start: Point
    end: Point | None
    end_label_x: str
    axis: tuple[str, str, str]


def level_plot(
    quantity: Decimal, levels: Sequence[tuple[date, Decimal]], *, ends_on: date | None
) -> LevelPlot:
    """From the quantity at the start of the first day to the quantity at the end of each day of `levels`.

    There is at least one day. `ends_on`, a day among them, is marked.
    """
    highest = max(quantity, *(left for _, left in levels), Decimal(1))
    values = [quantity, *(left for _, left in levels)]
    points = [(_x(number, len(levels)), _y(value, highest)) for number, value in enumerate(values)]
    days = [day for day, _ in levels]
    end = None
    end_label_x = ""
    if ends_on is not None:
        number = days.index(ends_on)
        if values[number + 1] < values[number]:  # some of it is still taken, or expires, on that day
            number += 1
        end = (_text(_x(number, len(levels))), _text(_y(values[number], highest)))
        end_label_x = _text(min(max(_x(number, len(levels)), _LEFT + 2 * _LABEL), _RIGHT - _LABEL))
    line = " ".join(f"{_text(x)},{_text(y)}" for x, y in points)
    return LevelPlot(
        line=line,
        area=f"{_LEFT},{_BOTTOM} {line} {_RIGHT},{_BOTTOM}",
        start=(_text(points[0][0]), _text(points[0][1])),
        end=end,
        end_label_x=end_label_x,
        axis=(str(_LEFT), str(_RIGHT), str(_BOTTOM)),
    )


def _x(number: int, last: int) -> float:
    return _LEFT + (_RIGHT - _LEFT) * number / last


def _y(value: Decimal, highest: Decimal) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * float(value / highest)


def _text(coordinate: float) -> str:
    return f"{coordinate:.1f}"
