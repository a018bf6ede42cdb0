"""What is said in a word or two beside a patient's name. Each app says what it knows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from home.record.sections import Reading


class Tone(StrEnum):
    """The kinds of a tag, as they look."""

    GOOD = "go"
    PLAIN = "plain"
    LOOK = "sun"
    WRONG = "stop"


@dataclass(frozen=True, slots=True)
class Chip:
    """A few words, and how much they ask to be looked at; `url` where there is more to read."""

    words: str
    tone: Tone = Tone.PLAIN
    url: str = ""


Chips = Callable[[Reading], Iterable[Chip]]
"""In the reader's language, by index, in a constant number of queries."""

_chips: list[tuple[int, Chips]] = []


def register_record_chips(chips: Chips, *, order: int) -> None:
    """Show these, by their order: below 10 what became of the patient, then how they are reached, then what is open."""
    _chips.append((order, chips))


def record_chips(reading: Reading) -> list[Chip]:
    """All chips of a patient, in their order."""
    return [chip for _order, chips in sorted(_chips, key=lambda each: each[0]) for chip in chips(reading)]
