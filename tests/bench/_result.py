"""What a benchmark found: one line of JSON."""

import json
from collections.abc import Mapping, Sequence
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
        return float(f"{self.rate / self.floor_rate:.3g}")


@dataclass(frozen=True, slots=True)
class Repeated:
    """Several runs of one benchmark."""

    runs: Sequence[Result]

    @property
    def middle(self) -> Result:
        """The run whose ratio is the median: its rates belong together."""
        in_order = sorted(self.runs, key=lambda run: run.ratio)
        return in_order[(len(in_order) - 1) // 2]

    @property
    def ratios(self) -> list[float]:
        return sorted(run.ratio for run in self.runs)

    def line(self) -> str:
        """The run in the middle, with the ratios of all."""
        middle = self.middle
        return json.dumps(
            {
                "bench": middle.bench,
                "rows": middle.rows,
                "rate": round(middle.rate),
                "floor_rate": round(middle.floor_rate),
                "ratio": middle.ratio,
                "runs": self.ratios,
                **middle.more,
            }
        )
