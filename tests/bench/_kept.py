"""What was measured, kept as data: docs/benchmarks.jsonl has a line of JSON for each run, and the document is made of
it.
"""

import json
import subprocess
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tests.bench._result import Goal, Result, to_three_digits, written


class OtherMachineError(Exception):
    """Figures of two machines would stand side by side, which says nothing of the code."""

    def __init__(self, kept: Mapping[str, str], here: Mapping[str, str]) -> None:
        parts = [part for part in {**kept, **here} if kept.get(part) != here.get(part)]
        differ = "; ".join(f"{part}: {kept.get(part)} there, {here.get(part)} here" for part in parts)
        super().__init__(f"Figures of two machines can't be compared ({differ}).")


@dataclass(frozen=True, slots=True)
class Measured:
    """The runs of one benchmark, made one after the other: how large, where, when and of which state of the code."""

    bench: str
    size: Mapping[str, Any]
    machine: Mapping[str, str]
    day: date
    commit: str
    runs: Sequence[Result]

    @property
    def middle(self) -> Result:
        """The run whose ratio is the median: its rates belong together."""
        in_order = sorted(self.runs, key=lambda run: run.ratio)
        return in_order[(len(in_order) - 1) // 2]

    @property
    def ratios(self) -> list[float]:
        return sorted(run.ratio for run in self.runs)

    def figures(self, goal: Goal) -> list[float]:
        """What each run has of what is asked for, from the lowest; none if it was measured before anybody asked."""
        try:
            return sorted(to_three_digits(goal.figure(run)) for run in self.runs)
        except (KeyError, IndexError, ValueError):
            return []

    def line(self) -> str:
        """The run in the middle, with the ratios of all, as JSON."""
        middle = self.middle
        return json.dumps(
            {
                "bench": self.bench,
                "rows": middle.rows,
                "rate": round(middle.rate),
                "floor_rate": round(middle.floor_rate),
                "ratio": middle.ratio,
                "runs": self.ratios,
                **middle.more,
            }
        )

    def lines(self) -> list[str]:
        """A line of JSON for each run."""
        about = {**asdict(self), "day": self.day.isoformat()}
        del about["runs"]
        return [
            json.dumps({**about, **asdict(run), "ratio": run.ratio}, default=list, ensure_ascii=False)
            for run in self.runs
        ]


def load(file: Path) -> dict[str, Measured]:
    """What is kept of each benchmark, by its name."""
    runs: dict[str, list[dict[str, Any]]] = {}
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else []:
        run = json.loads(line)
        runs.setdefault(run["bench"], []).append(run)
    return {
        bench: Measured(
            bench,
            size=each[0]["size"],
            machine=each[0]["machine"],
            day=date.fromisoformat(each[0]["day"]),
            commit=each[0]["commit"],
            runs=[Result(bench, run["rows"], run["rate"], run["floor_rate"], run["more"]) for run in each],
        )
        for bench, each in runs.items()
    }


def save(file: Path, kept: Mapping[str, Measured]) -> None:
    lines = [line for bench in sorted(kept) for line in kept[bench].lines()]
    file.write_text("\n".join([*lines, ""]), encoding="utf-8")


def refuse_others(kept: Collection[Measured], machine: Mapping[str, str]) -> None:
    """OtherMachineError if any of these was measured on another one."""
    for each in kept:
        if each.machine != machine:
            raise OtherMachineError(each.machine, machine)


def changes(before: Measured, after: Measured, goals: Sequence[Goal]) -> list[str]:
    """What has changed by more than the runs differ among each other. OtherMachineError where that says nothing."""
    refuse_others([before], after.machine)
    if json.dumps(before.size) != json.dumps(after.size):
        return [f"{after.bench}: not compared, it had another size on {before.day}."]
    figures = {"ratio": (before.ratios, after.ratios)}
    figures |= {goal.what: (before.figures(goal), after.figures(goal)) for goal in goals}
    return [
        f"{after.bench}, {what}: {spread(now)} now, {spread(then)} on {before.day} ({before.commit})."
        for what, (then, now) in figures.items()
        if then and now and (now[0] > then[-1] or now[-1] < then[0])
    ]


def spread(figures: Sequence[float]) -> str:
    """The lowest and the highest."""
    return "–".join(written(each) for each in dict.fromkeys((figures[0], figures[-1])))


def commit() -> str:
    """Which state of the code is measured; documents are no code."""
    head = _git("rev-parse", "--short=9", "HEAD")
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!docs")
    return f"{head}, changed" if changed else head


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], capture_output=True, text=True)
    return done.stdout.strip() or ("" if done.returncode == 0 else "no commit")
