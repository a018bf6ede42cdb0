"""Benchmarks: what a piece of work costs, as a share of what the least possible would take for it, in one run.

Each module that `NAMES` lists is one. The first line of its docstring says in one sentence what is compared with what;
`run` measures once, in a migrated database that nobody else uses, and need not tidy up; `Size()` is what `make bench`
measures, and `SMALL` takes no longer than a test may.
"""

from pathlib import Path

NAMES = sorted(
    path.stem
    for path in Path(__file__).parent.glob("*.py")
    if not path.stem.startswith(("_", "test_", "conftest"))
)
