"""`python -m tests.bench [name ...]`: each benchmark prints a line of JSON.

`make bench` runs all of them on real servers and writes docs/benchmarks.md. They need PostgreSQL and Redis, which
`DATABASE_URL` and `REDIS_URL` name.
"""

import argparse
import os
import sys
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from pathlib import Path

import django
from django.apps import apps
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
if not apps.ready:
    django.setup()

from django.core.management import call_command

from tests.bench import NAMES
from tests.bench._database import disconnect, in_a_copy
from tests.bench._machine import describe
from tests.bench._report import report
from tests.bench._result import Repeated


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="name", help=f"all, or some of: {', '.join(NAMES)}")
    parser.add_argument("--small", action="store_true", help="sizes that show that it runs, not how fast")
    parser.add_argument("--times", type=int, default=3, help="how often to run each (default: 3)")
    parser.add_argument("--report", type=Path, help="the Markdown file to write")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(NAMES):
        parser.error(f"No such benchmark: {', '.join(unknown)}.")
    settings.DEBUG = False  # as where the site is used; otherwise each query is kept
    call_command("migrate", interactive=False, verbosity=0)
    machine = describe()
    disconnect()
    measured = []
    for name in options.names or NAMES:
        measured.append(_measure(name, small=options.small, times=options.times))
        print(measured[-1].line(), flush=True)
    if options.report:
        options.report.write_text(report(measured, machine, datetime.now(UTC).date()), encoding="utf-8")
    return 0


def _measure(name: str, *, small: bool, times: int) -> Repeated:
    bench = import_module(f"tests.bench.{name}")
    size = bench.SMALL if small else bench.Size()
    return Repeated([in_a_copy(os.environ["DATABASE_URL"], partial(bench.run, size)) for _ in range(times)])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
