"""docs/benchmarks.md: what was measured, where and when, and which goals that meets."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from tests.bench._kept import Measured, refuse_others, spread
from tests.bench._result import Goal, written

TEXT = """# Benchmarks

`make bench` writes this file, from [benchmarks.jsonl](benchmarks.jsonl), where it keeps each run. Run it again rather
than edit it; `make bench ONLY="push mail"` measures these two and leaves the others as they are.

Each benchmark does a piece of the engine's work, and then does the same with as little as possible: the floor. Both are
measured in the same run, on the same PostgreSQL and Redis, so other machines should come to a similar ratio, though not
to these rates. Rates are rows a second. The ratio is the rate divided by that of the floor: the higher, the better.

Each run has a new database, except those of `desk`, which look at one that takes long to fill. The table shows the run
with the median ratio; the spread is the lowest and the highest ratio of all runs.

| Benchmark | Rows | Rate | Floor | Ratio | Spread | Runs | Measured | Of commit |
|---|---:|---:|---:|---:|---:|---:|---|---|
{rows}

What is compared with what:

{sentences}

## Goals

What is counted here is the median of all runs, with its spread.

| Benchmark | What | Goal | Now | |
|---|---|---:|---:|---|
{goals}

## The machine

| | |
|---|---|
{machine}

PostgreSQL and Redis ran on the same machine, and PostgreSQL waited for the disk at each commit, as in production. All
that stands here was measured on this machine: `make bench` refuses to put figures of another one beside them.
"""


def report(kept: Mapping[str, Measured], goals: Mapping[str, Sequence[Goal]]) -> str:
    """The whole document, with a line for each benchmark that `goals` names, measured or not. OtherMachineError if
    what is kept comes from several.
    """
    machine = next((each.machine for each in kept.values()), {})
    refuse_others(kept.values(), machine)
    return TEXT.format(
        rows="\n".join(_row(name, kept.get(name)) for name in goals),
        sentences="\n".join(f"- `{name}`: {sentence(name)}" for name in goals),
        goals="\n".join(line for name in goals for line in _goals(name, kept.get(name), goals[name])),
        machine="\n".join(f"| {part} | {what} |" for part, what in machine.items()),
    )


def _row(name: str, measured: Measured | None) -> str:
    if measured is None:
        return _cells(name, *[""] * 6, "not yet", "")
    run = measured.middle
    return _cells(
        name,
        f"{run.rows:,}",
        written(round(run.rate)),
        written(round(run.floor_rate)),
        written(run.ratio),
        spread(measured.ratios),
        str(len(measured.runs)),
        _day(measured.day),
        measured.commit,
    )


def _goals(name: str, measured: Measured | None, goals: Sequence[Goal]) -> Iterator[str]:
    for goal in goals:
        figures = measured.figures(goal) if measured else []
        if not figures:
            yield _cells(name, goal.what, str(goal), "", "not measured")
            continue
        middle = figures[(len(figures) - 1) // 2]
        said = "met" if goal.is_met(middle) else "**not met**"
        yield _cells(name, goal.what, str(goal), f"{written(middle)} ({spread(figures)})", said)


def _cells(*texts: str) -> str:
    return f"| {' | '.join(texts)} |"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def sentence(name: str) -> str:
    """What the benchmark compares with what: the first line of its docstring."""
    source = Path(__file__).with_name(f"{name}.py").read_text(encoding="utf-8")
    return (ast.get_docstring(ast.parse(source)) or "").partition("\n")[0]
