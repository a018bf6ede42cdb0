"""Benchmarks: what a piece of work costs, as a share of what the least possible would take for it, in one run.

Each module that `NAMES` lists is one. The first line of its docstring says in one sentence what is compared with what;
`run` measures once, in a database that nobody else uses, and need not tidy up; `Size()` is what `make bench` measures,
and `SMALL` takes no longer than a test may. What a module may have besides: `LONG`, which `--long` measures; `GOALS`;
and `prepare`, which fills the database once, so that each run finds a copy of it as it left it. One whose database
takes long to fill and isn't changed by looking has `runs` instead of `run`: it measures so often, and gives as many
results.
"""

from pathlib import Path

NAMES = sorted(
    path.stem
    for path in Path(__file__).parent.glob("*.py")
    if not path.stem.startswith(("_", "test_", "conftest"))
)
