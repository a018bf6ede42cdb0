"""Each benchmark runs to its end at a small size, on a copy of this run's own database. How fast is not looked at."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection

from tests.bench import NAMES
from tests.bench._database import disconnect


@pytest.fixture
def database(transactional_db: None) -> str:
    """The URL of the migrated database, to which this process is no longer connected."""
    disconnect()
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()


def test_each_benchmark_runs_and_is_reported(database: str, tmp_path: Path) -> None:
    report = tmp_path / "benchmarks.md"
    command = [sys.executable, "-m", "tests.bench", "--small", "--times", "1", "--report", f"{report}"]
    done = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, "DATABASE_URL": database}
    )
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
    assert [name for name in NAMES if f"| {name} |" in report.read_text()] == NAMES
