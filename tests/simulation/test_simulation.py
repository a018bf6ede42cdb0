"""Some programs hold; a fault is found, shortened and told; and both databases come to the same rows."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from home.models import Patient
from medications.services import answers
from tests.simulation.acts import weights
from tests.simulation.program import drawn, read
from tests.simulation.report import Report, shrunk
from tests.simulation.run import Ended, run

pytestmark = pytest.mark.django_db

SEEDS = 12
COMPARED = 2
ROOT = Path(settings.BASE_DIR)


def programs(count: int) -> Iterator[Ended]:
    for seed in range(count):
        yield run(drawn(seed, weights()))


@pytest.mark.parametrize("seed", range(SEEDS))
def test_all_that_must_hold_holds(seed: int) -> None:
    ended = run(drawn(seed, weights()))
    assert not ended.wrong, Report("this one").of(ended)


def test_a_fault_is_found_and_told_with_the_shortest_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "patients_of", lambda _user: Patient.objects.all())
    ended = next(ended for ended in programs(200) if ended.wrong)
    assert "who may not" in ended.wrong[0]
    least = shrunk(ended)
    assert 0 < len(least.program.acts) < len(ended.program.acts)
    said = Report("abcdef").of(ended)
    assert f"Seed {ended.program.seed} fails at commit abcdef" in said
    assert f"--replay '{least.program}'" in said
    again = read(least.program.seed, str(least.program).split())
    assert run(again).wrong == least.wrong


def test_the_same_program_ends_in_the_same_rows_here_and_on_sqlite(request: pytest.FixtureRequest) -> None:
    here = [run(drawn(seed, weights()), with_digest=True).rows for seed in range(COMPARED)]
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
