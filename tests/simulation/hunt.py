"""How many seeds it takes to find each planted bug, and a short program that finds it, which is kept."""

import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from tests.breaks.edit import Break
from tests.simulation.acts import weights
from tests.simulation.in_place import in_place
from tests.simulation.program import Program, drawn, read
from tests.simulation.report import shrunk
from tests.simulation.run import Ended, run

TRIES = 8
"""A hunt is for all of them, and each try takes as long as half a seed."""
KEPT = Path(__file__).with_name("found.json")


class Found(NamedTuple):
    """Within how many seeds, from 0, it was found; and what is left of the program of that seed."""

    within: int
    program: Program


def found() -> dict[str, Found]:
    """What was kept, by the names of the bugs."""
    kept = json.loads(KEPT.read_text())
    return {
        name: Found(each["seed"] + 1, read(each["seed"], each["acts"].split())) for name, each in kept.items()
    }


def hunt(chosen: Iterable[Break], *, seeds: int) -> list[str]:
    """Look for each of these, and keep by what it is found; the names of those that aren't found."""
    missed = []
    for each in chosen:
        began = time.process_time()
        with in_place(each):
            ended = next((it for it in map(_of_seed, range(seeds)) if it.wrong), None)
            least = shrunk(ended, tries=TRIES) if ended else None
        spent = f"{time.process_time() - began:.0f} s"
        if least is None:
            missed.append(each.name)
            print(f"MISSED {each.name} in {seeds} seeds, {spent}", flush=True)
        else:
            if faults := run(least.program, thoroughly=1).wrong:
                raise AssertionError(f"Without {each.name} it fails too: {faults}, {least.program}")
            _keep(each.name, least.program)
            by = f"by seed {least.program.seed}, {len(least.program.acts)} acts, {spent}"
            print(f"found  {each.name} {by}: {least.wrong[0]}", flush=True)
    return missed


def _of_seed(seed: int) -> Ended:
    return run(drawn(seed, weights(seed)))


def _keep(name: str, program: Program) -> None:
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    kept[name] = {"seed": program.seed, "acts": str(program)}
    KEPT.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n")
