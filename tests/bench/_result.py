"""What one run of a benchmark found, and what it should have."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Result:
    """Rates are rows a second, both measured in the same run. `more` is what else the benchmark has to say."""

    bench: str
    rows: int
    rate: float
    floor_rate: float
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        """The rate as a multiple of the floor's, to three digits."""
        return to_three_digits(self.rate / self.floor_rate)


def to_three_digits(number: float) -> float:
    return float(f"{number:.3g}")


def written(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:g}"


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure of each run should be. A benchmark's module lists its own as `GOALS`.

    `what` says what is counted, and how many of which there should be: "of SQL alone, two processes". `figure` is
    the ratio if nothing else is given; it reads `more` as JSON keeps it.
    """

    what: str
    at_least: float | None = None
    at_most: float | None = None
    figure: Callable[[Result], float] = lambda run: run.ratio

    def __str__(self) -> str:
        bounds = {"at least": self.at_least, "at most": self.at_most}
        return ", ".join(f"{word} {written(bound)}" for word, bound in bounds.items() if bound is not None)

    def is_met(self, figure: float) -> bool:
        return (self.at_least is None or figure >= self.at_least) and (
            self.at_most is None or figure <= self.at_most
        )
