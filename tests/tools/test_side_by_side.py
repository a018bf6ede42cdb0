"""Targets side by side: all of them run, what failed is plain to see, and Ctrl-C ends whatever they started."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from site_config.environment import BASE_DIR
from tests.faults.stack import wait_until

MAKEFILE = """
bad:
	@echo "what went wrong"; echo "=== 1 failed, 2 passed in 0.5s ==="; false
good:
	@echo "not worth a word"; echo "=== 3 passed in 0.5s ==="; touch it-ran
endless:
	@sh -c 'echo $$$$ > its-id; exec sleep 600'
"""


@pytest.fixture(autouse=True)
def _makefile(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text(MAKEFILE)


def started(folder: Path, *tracks: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tools.side_by_side", *tracks],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(BASE_DIR)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_a_failure_stops_no_other_target_is_shown_whole_and_is_the_end_of_it(tmp_path: Path) -> None:
    with started(tmp_path, "bad+good") as process:
        said, _ = process.communicate()
    assert process.returncode == 1
    assert (tmp_path / "it-ran").exists()
    assert "what went wrong" in said and "not worth a word" not in said
    bad, good = said.splitlines()[-2:]
    assert bad.startswith("FAILED bad") and bad.endswith("1 failed, 2 passed")
    assert good.startswith("ok     good") and good.endswith("3 passed")
    assert "not worth a word" in (tmp_path / "test-results" / "good.log").read_text()


def test_when_all_is_well_the_code_is_zero(tmp_path: Path) -> None:
    with started(tmp_path, "good") as process:
        process.communicate()
    assert process.returncode == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_told_to_stop_it_ends_what_runs_begins_nothing_more_and_says_so(
    tmp_path: Path, number: signal.Signals
) -> None:
    its_id = tmp_path / "its-id"
    with started(tmp_path, "endless+good") as process:
        wait_until(lambda: its_id.exists() and its_id.read_text().strip(), what="it runs")
        process.send_signal(number)
        said, _ = process.communicate()
    assert process.returncode == 130
    assert not Path(f"/proc/{its_id.read_text().strip()}").exists()
    assert not (tmp_path / "it-ran").exists()
    assert "FAILED endless" in said
