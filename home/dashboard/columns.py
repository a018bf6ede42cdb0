"""Numbers of days to the columns of an SVG. Pure.

Coordinates are texts, because a template would write 1.5 as 1,5 in Afrikaans.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from home.dashboard.month import DayLine

WIDTH, HEIGHT = 480, 120


@dataclass(frozen=True, slots=True)
class Column:
    """What was done stands at the foot, the rest on it."""

    x: str
    width: str
    done_y: str
    done_height: str
    other_y: str
    other_height: str


def columns(days: Sequence[DayLine]) -> list[Column]:
    """A column for each day, from left to right; the highest takes all the room."""
    highest = max((each.done + each.other for each in days), default=0) or 1
    room = WIDTH / max(len(days), 1)
    made = []
    for number, each in enumerate(days):
        done, other = (HEIGHT * part / highest for part in (each.done, each.other))
        made.append(
            Column(
                x=_text(room * (number + 0.12)),
                width=_text(room * 0.76),
                done_y=_text(HEIGHT - done),
                done_height=_text(done),
                other_y=_text(HEIGHT - done - other),
                other_height=_text(other),
            )
        )
    return made


def _text(coordinate: float) -> str:
    return f"{coordinate:.1f}"
