"""Some programs hold; a fault is shortened and told; and both databases come to the same rows."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.simulation.acts import weights
from tests.simulation.hunt import found
from tests.simulation.in_place import in_place
from tests.simulation.planted import PLANTED
from tests.simulation.program import Act, Program, drawn
from tests.simulation.report import Report
from tests.simulation.run import run

pytestmark = pytest.mark.django_db

SEEDS = 8
COMPARED = 2
ROOT = Path(settings.BASE_DIR)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_all_that_must_hold_holds(seed: int) -> None:
    ended = run(drawn(seed, weights(seed)))
    assert not ended.wrong, Report("this one").of(ended)


def test_a_fault_is_told_with_the_shortest_program_that_fails() -> None:
    bug = next(each for each in PLANTED if each.name == "scope_by_person")
    seed, least = found()[bug.name].program
    longer = Program(seed, (Act("receipt_comes", 1), *least, Act("nobody_works", 2)))
    with in_place(bug):
        said = Report("abcdef").of(run(longer))
    assert f"Seed {seed} fails at commit abcdef" in said
    assert "went to a stranger" in said
    assert f"The shortest program that fails has {len(least)} acts" in said
    assert f"--replay '{Program(seed, least)}'" in said


def test_the_same_program_ends_in_the_same_rows_here_and_on_sqlite(request: pytest.FixtureRequest) -> None:
    here = [run(drawn(seed, weights(seed)), with_digest=True).rows for seed in range(COMPARED)]
    assert len(set(here)) == COMPARED
    assert here == on_sqlite(request.config)


def on_sqlite(config: Any) -> list[str]:
    """By a process of its own."""
    kept = config.cache.mkdir("migrated").parent
    command = [
        sys.executable,
        "-m",
        "tests.simulation",
        "--seeds",
        str(COMPARED),
        "--digest",
        "--kept",
        str(kept),
    ]
    without = {"DATABASE_URL", "REDIS_URL"}
    environment = {name: value for name, value in os.environ.items() if name not in without}
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return [line.split()[1] for line in ran.stdout.splitlines()[:COMPARED]]
