"""Each benchmark runs to its end at a small size, on a copy of this run's own database. How fast is not looked at."""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection

from tests.bench import NAMES
from tests.bench._database import disconnect
from tests.bench._kept import Measured, load, save
from tests.bench._result import Result


@pytest.fixture
def database(transactional_db: None) -> str:
    """The URL of the migrated database, to which this process is no longer connected."""
    disconnect()
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()


def bench(database: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.bench", "--small", "--times", "1", *options]
    return subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, "DATABASE_URL": database}
    )


def test_each_benchmark_runs_and_is_kept(database: str, tmp_path: Path) -> None:
    done = bench(database, "--keep", f"{tmp_path}")
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["bench"] for line in lines] == NAMES
    for line in lines:
        assert line["rows"] > 0
        assert line["rate"] > 0 and line["floor_rate"] > 0
        # Both rates are rounded, which says much where they are small.
        rounded = 1 / line["rate"] + 1 / line["floor_rate"]
        assert line["ratio"] == pytest.approx(line["rate"] / line["floor_rate"], rel=0.01 + rounded)
        assert line["runs"] == [line["ratio"]]
    assert list(load(tmp_path / "benchmarks.jsonl")) == NAMES
    document = (tmp_path / "benchmarks.md").read_text()
    assert [name for name in NAMES if f"| {name} |" in document] == NAMES
    assert "not yet" not in document


def test_some_on_another_machine_are_refused_before_they_are_measured(database: str, tmp_path: Path) -> None:
    there = Measured("mail", {}, {"CPU": "Abacus"}, date(2026, 12, 1), "1a2b3c", [Result("mail", 1, 1, 1)])
    save(tmp_path / "benchmarks.jsonl", {"mail": there})
    done = bench(database, "due", "--keep", f"{tmp_path}")
    assert done.returncode == 2
    assert "Figures of two machines can't be compared (CPU: Abacus there" in done.stderr
    assert done.stdout == ""
    assert load(tmp_path / "benchmarks.jsonl") == {"mail": there}
