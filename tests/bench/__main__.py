"""`python -m tests.bench [name ...]`: each benchmark prints a line of JSON.

`make bench` runs all of them on real servers, keeps what they find in docs/benchmarks.jsonl, says what has changed, and
writes docs/benchmarks.md. They need PostgreSQL and Redis, which `DATABASE_URL` and `REDIS_URL` name.
"""

import argparse
import os
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from pathlib import Path
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
from tests.bench._kept import Measured, OtherMachineError, changes, commit, load, refuse_others, save
from tests.bench._machine import describe
from tests.bench._report import report
from tests.bench._result import Goal, Result


def main(arguments: list[str]) -> int:
    """0, or 1 if any failed; the others are measured and kept all the same."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="name", help=f"all, or some of: {', '.join(NAMES)}")
    parser.add_argument("--small", action="store_true", help="sizes that show that it runs, not how fast")
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
        _Folder(options.write).write()
        return 0
    settings.DEBUG = False  # as where the site is used; otherwise each query is kept
    call_command("migrate", interactive=False, verbosity=0)
    machine = describe()
    disconnect()
    folder = _Folder(options.keep) if options.keep else None
    if folder:
        try:
            folder.make_room(machine, all_anew=not options.names)
        except OtherMachineError as error:
            parser.error(f"{error} Run all, so that nothing else is left beside what is measured now.")
    failed = []
    for name in options.names or NAMES:
        try:
            measured = _measure(name, machine, small=options.small, times=options.times)
        except Exception:  # whatever it is, the others are measured
            traceback.print_exc()
            failed.append(name)
            continue
        print(measured.line(), flush=True)
        if folder:
            folder.keep(measured)
    if folder:
        folder.compare()
        folder.write()
    if failed:
        _tell(f"Failed: {', '.join(failed)}.")
    return 1 if failed else 0


def _measure(name: str, machine: Mapping[str, str], *, small: bool, times: int) -> Measured:
    runs = []
    start = time.monotonic()
    with copy(os.environ["DATABASE_URL"], "bench") as prepared:
        size = in_database(prepared, partial(_prepare, name, small=small))
        _tell(f"{name}: ready after {time.monotonic() - start:.0f} s.")
        for number in range(1, times + 1):
            with copy(prepared, "run") as url:
                runs.append(in_database(url, partial(_run, name, small=small)))
            _tell(
                f"{name}: run {number} of {times}, ratio {runs[-1].ratio:g}, {time.monotonic() - start:.0f} s."
            )
    return Measured(name, asdict(size), machine, datetime.now(UTC).date(), commit(), runs)


# Loaded where they are run, so that what one takes of memory isn't another's.


def _prepare(name: str, *, small: bool) -> Any:
    bench = import_module(f"tests.bench.{name}")
    size = bench.SMALL if small else bench.Size()
    if hasattr(bench, "prepare"):
        bench.prepare(size)
    return size


def _run(name: str, *, small: bool) -> Result:
    bench = import_module(f"tests.bench.{name}")
    result: Result = bench.run(bench.SMALL if small else bench.Size())
    return result


def goals_of(name: str) -> Sequence[Goal]:
    return getattr(import_module(f"tests.bench.{name}"), "GOALS", ())


class _Folder:
    """Where figures are kept, with the document that is made of them."""

    def __init__(self, folder: Path) -> None:
        self._data, self._document = folder / "benchmarks.jsonl", folder / "benchmarks.md"
        self._kept = {name: each for name, each in load(self._data).items() if name in NAMES}
        self._before = dict(self._kept)

    def make_room(self, machine: Mapping[str, str], *, all_anew: bool) -> None:
        """For figures of this machine. OtherMachineError if some of another would be left beside them."""
        try:
            refuse_others(self._kept.values(), machine)
        except OtherMachineError as error:
            if not all_anew:
                raise
            _tell(f"{error} What was kept is not compared with, but replaced.")
            self._kept, self._before = {}, {}

    def keep(self, measured: Measured) -> None:
        self._kept[measured.bench] = measured
        save(self._data, self._kept)

    def compare(self) -> None:
        """Tell what has changed by more than the runs differ."""
        for name, before in self._before.items():
            if self._kept[name] is not before:
                for change in changes(before, self._kept[name], goals_of(name)):
                    _tell(change)

    def write(self) -> None:
        goals = {name: goals_of(name) for name in NAMES}
        self._document.write_text(report(self._kept, goals), encoding="utf-8")


def _tell(text: str) -> None:
    """Beside the lines of JSON, for whoever watches."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
