"""`python -m tests.bench [name ...]`: each benchmark prints a line of JSON.

`make bench` runs all of them on real servers, keeps what they find in docs/benchmarks.jsonl, says what has changed, and
writes docs/benchmarks.md. They need PostgreSQL and Redis, which `DATABASE_URL` and `REDIS_URL` name.
"""

import argparse
import os
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import django
from django.apps import apps
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
if not apps.ready:
    django.setup()

from django.core.management import call_command

from tests.bench import NAMES
from tests.bench._database import copy, disconnect, in_database
from tests.bench._folder import Folder
from tests.bench._kept import Measured, OtherMachineError, commit
from tests.bench._machine import describe
from tests.bench._result import Result


def main(arguments: list[str]) -> int:
    """0, or 1 if any failed; the others are measured and kept all the same."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="name", help=f"all, or some of: {', '.join(NAMES)}")
    parser.add_argument("--small", action="store_true", help="sizes that show that it runs, not how fast")
    parser.add_argument(
        "--long", action="store_true", help="sizes that take their time, of those that have any"
    )
    parser.add_argument("--times", type=int, default=5, help="how often to run each (default: 5)")
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="compare with what it has, and replace that"
    )
    parser.add_argument(
        "--write", type=Path, metavar="FOLDER", help="write its document only, measure nothing"
    )
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(NAMES):
        parser.error(f"No such benchmark: {', '.join(unknown)}.")
    if options.write:
        Folder(options.write).write()
        return 0
    settings.DEBUG = False  # as where the site is used; otherwise each query is kept
    call_command("migrate", interactive=False, verbosity=0)
    machine = describe()
    disconnect()
    folder = Folder(options.keep) if options.keep else None
    if folder:
        try:
            forgotten = folder.make_room(machine, all_anew=not options.names)
        except OtherMachineError as error:
            parser.error(f"{error} Run all, so that nothing else is left beside what is measured now.")
        _tell(*forgotten)
    size = "SMALL" if options.small else "LONG" if options.long else "USUAL"
    measure = partial(_measure, machine=machine, size_name=size, times=options.times)
    failed = measure_each(options.names or NAMES, measure, folder)
    if folder:
        _tell(*folder.changes())
        folder.write()
    if failed:
        _tell(f"Failed: {', '.join(failed)}.")
    return 1 if failed else 0


def measure_each(
    names: Sequence[str], measure: Callable[[str], Measured], folder: Folder | None
) -> list[str]:
    """Keep each as soon as it was measured; gives those that failed, which leave what is kept as it is."""
    failed = []
    for name in names:
        try:
            measured = measure(name)
        except Exception:  # whatever it is, the others are measured
            traceback.print_exc()
            failed.append(name)
            continue
        print(measured.line(), flush=True)
        if folder:
            folder.keep(measured)
    return failed


def _measure(name: str, *, machine: Mapping[str, str], size_name: str, times: int) -> Measured:
    runs: list[Result] = []
    start = time.monotonic()
    with copy(os.environ["DATABASE_URL"], "bench") as prepared:
        size = in_database(prepared, partial(_prepare, name, size_name))
        _tell(f"{name}: ready after {time.monotonic() - start:.0f} s.")
        while len(runs) < times:
            with copy(prepared, "run") as url:
                runs += in_database(url, partial(_run, name, size_name, times))
            _tell(
                f"{name}: run {len(runs)} of {times}, ratio {runs[-1].ratio:g}, {time.monotonic() - start:.0f} s."
            )
    return Measured(name, size, machine, datetime.now(UTC).date(), commit(), runs)


# Loaded where they are run, so that what one takes of memory isn't another's.


def _size(bench: ModuleType, name: str) -> Any:
    """The one of this name; the usual one of a benchmark that has none."""
    return getattr(bench, name) if hasattr(bench, name) else bench.Size()


def _prepare(name: str, size_name: str) -> dict[str, Any]:
    bench = import_module(f"tests.bench.{name}")
    size = _size(bench, size_name)
    if hasattr(bench, "prepare"):
        bench.prepare(size)
    return asdict(size)


def _run(name: str, size_name: str, times: int) -> list[Result]:
    """One, or so many of a benchmark that makes them all in one database."""
    bench = import_module(f"tests.bench.{name}")
    size = _size(bench, size_name)
    return bench.runs(size, times) if hasattr(bench, "runs") else [bench.run(size)]


def _tell(*texts: str) -> None:
    """Beside the lines of JSON, for whoever watches."""
    for text in texts:
        print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
