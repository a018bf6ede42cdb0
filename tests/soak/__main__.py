"""`python -m tests.soak --minutes 30`: says what it saw, and ends with 1 where something was lost or isn't flat.

It needs PostgreSQL and Redis, which `DATABASE_URL` and `REDIS_URL` name: `make soak` starts them.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.core.management import call_command  # noqa: E402 - models can be imported from here on

from tests.soak.load import Load  # noqa: E402
from tests.soak.run import Soaked, soak  # noqa: E402

LINES = 12
SAMPLES = 120


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30)
    options = parser.parse_args(arguments)
    seconds = 60 * options.minutes
    call_command("migrate", interactive=False, verbosity=0)
    with tempfile.TemporaryDirectory() as folder:
        soaked = soak(
            seconds,
            Load(),
            every=max(1.0, seconds / SAMPLES),
            database=os.environ["DATABASE_URL"],
            folder=Path(folder),
        )
    print(table(soaked))
    return 1 if soaked.wrong or soaked.uneven else 0


def table(soaked: Soaked) -> str:
    """A dozen of the samples, and what came of it."""
    names = list(soaked.samples[0].memory)
    lines = [_line("seconds", *(f"{name} MiB" for name in names), "told", "pages", "oldest s", "sessions")]
    for sample in soaked.samples[:: max(1, len(soaked.samples) // LINES)]:
        memory = (f"{sample.memory[name]:.0f}" for name in names)
        counted = (sample.told, sample.pages, f"{sample.oldest:.0f}", sample.sessions)
        lines.append(_line(f"{sample.at:.0f}", *memory, *map(str, counted)))
    said = [*soaked.wrong, *soaked.uneven]
    told = f"{soaked.doses:,} doses and {soaked.messages:,} messages, {soaked.pages:,} pages"
    return "\n".join([*lines, "", *said, f"{told}: {'NOT WELL' if said else 'flat, and nothing lost'}."])


def _line(*cells: str) -> str:
    return " ".join(f"{cell:>13}" for cell in cells)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
