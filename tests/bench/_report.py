"""docs/benchmarks.md: what `make bench` measured, where and when."""

import ast
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from tests.bench._result import Repeated

TEXT = """# Benchmarks

`make bench` wrote this file on {date}. Run it again rather than edit it.

Each benchmark does a piece of the engine's work, and then does the same with as little as possible: the floor. Both are
measured in the same run, on the same PostgreSQL and Redis, so other machines should come to a similar ratio, though not
to these rates. Rates are rows a second. The ratio is the rate divided by that of the floor: the higher, the better.

Each benchmark ran {times}, each time in a new database. The table shows the run with the median ratio; the spread
is the lowest and the highest ratio of all runs.

| Benchmark | Rows | Rate | Floor | Ratio | Spread |
|---|---:|---:|---:|---:|---:|
{rows}

What is compared with what:

{sentences}

## The machine

| | |
|---|---|
{machine}

PostgreSQL and Redis ran on the same machine, and PostgreSQL waited for the disk at each commit, as in production.
"""


def report(measured: Sequence[Repeated], machine: Mapping[str, str], day: date) -> str:
    """The whole document."""
    return TEXT.format(
        date=f"{day.day} {day:%B %Y}",
        times="once" if len(measured[0].runs) == 1 else f"{len(measured[0].runs)} times",
        rows="\n".join(_row(each) for each in measured),
        sentences="\n".join(f"- `{each.middle.bench}`: {sentence(each.middle.bench)}" for each in measured),
        machine="\n".join(f"| {part} | {what} |" for part, what in machine.items()),
    )


def _row(measured: Repeated) -> str:
    run = measured.middle
    cells = [
        run.bench,
        f"{run.rows:,}",
        f"{run.rate:,.0f}",
        f"{run.floor_rate:,.0f}",
        f"{run.ratio:g}",
        f"{measured.ratios[0]:g}–{measured.ratios[-1]:g}",
    ]
    return f"| {' | '.join(cells)} |"


def sentence(name: str) -> str:
    """What the benchmark compares with what: the first line of its docstring."""
    source = Path(__file__).with_name(f"{name}.py").read_text(encoding="utf-8")
    return (ast.get_docstring(ast.parse(source)) or "").partition("\n")[0]
