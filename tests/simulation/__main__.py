"""`python -m tests.simulation --seeds N`: each that fails, with the shortest program that does."""

import argparse
import gc
import os
import subprocess
import sys
import time
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

from tests.simulation.planted import PLANTED
from tests.simulation.program import ACTS, drawn, read

ROOT = Path(__file__).parents[2]
KEPT = ROOT / ".pytest_cache" / "d"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=100, help="how many")
    parser.add_argument("--from", type=int, default=0, dest="first", metavar="SEED")
    parser.add_argument("--acts", type=int, default=ACTS, help="of each program")
    parser.add_argument("--digest", action="store_true", help="print for each seed what its rows come to")
    parser.add_argument("--story", action="store_true", help="print what was done")
    parser.add_argument(
        "--replay", metavar="ACTS", help="these acts, as a failure prints them, with the first seed"
    )
    parser.add_argument(
        "--first-failure", action="store_true", help="end at the first, without shortening it"
    )
    parser.add_argument("--kept", type=Path, default=KEPT, help="where the migrated database is kept")
    parser.add_argument("--planted", nargs="*", metavar="NAME", help="find these planted bugs, or all")
    asked = parser.parse_args()
    django.setup()
    from tests.simulation.acts import weights
    from tests.simulation.database import database
    from tests.simulation.hunt import hunt
    from tests.simulation.report import Report
    from tests.simulation.run import run

    # Nothing that is loaded by now goes, and garbage may lie for a while: it is the processor that seeds wait for.
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
    if asked.planted is not None:
        named = {each.name: each for each in PLANTED}
        chosen = [named[name] for name in asked.planted] or PLANTED
        with database(asked.kept):
            return 1 if hunt(chosen, seeds=asked.seeds) else 0
    report = Report(commit())
    with database(asked.kept):
        began = time.process_time()
        for seed in range(asked.first, asked.first + asked.seeds):
            program = drawn(seed, weights(seed), asked.acts)
            if asked.replay is not None:
                program = read(seed, asked.replay.split())
            ended = run(program, with_digest=asked.digest)
            if asked.digest:
                print(seed, ended.rows)
            if asked.story:
                print("\n".join(ended.story), flush=True)
            if ended.wrong:
                print(report.of(ended, short=asked.first_failure), flush=True)
                if asked.first_failure:
                    return 1
            if asked.replay is not None:
                break
    spent = (time.process_time() - began) / asked.seeds
    print(f"{asked.seeds} seeds, {report.failures} failed, {spent:.2f} s of the processor each.")
    return 1 if report.failures else 0


def commit() -> str:
    found = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=12"], cwd=ROOT, capture_output=True, text=True
    )
    return found.stdout.strip() or "unknown"


if __name__ == "__main__":
    if "PYTHONHASHSEED" not in os.environ:
        # The order of a set of words is by chance too.
        os.execve(  # noqa: S606 - ourselves
            sys.executable,
            [sys.executable, "-m", "tests.simulation", *sys.argv[1:]],
            {**os.environ, "PYTHONHASHSEED": "0"},
        )
    sys.exit(main())
