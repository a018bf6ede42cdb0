"""The tests of the rules take each branch of the rules: those beside them alone, by tables and a few examples."""

import subprocess
import sys
from pathlib import Path

import pytest

from site_config.environment import BASE_DIR

COVERAGE = (sys.executable, "-m", "coverage")


def measured(data: Path, *tests: str) -> subprocess.CompletedProcess[str]:
    """What the report says of branches after these tests, or all those of the rules. Its code is not 0 if some lack."""
    options = ["--rcfile=tests/rules.ini", f"--data-file={data}"]
    command = [
        *COVERAGE,
        "run",
        *options,
        "-m",
        "pytest",
        "-c",
        "tests/rules.ini",
        "--rootdir",
        ".",
        "-q",
        *tests,
    ]
    done = subprocess.run(command, cwd=BASE_DIR, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    return subprocess.run([*COVERAGE, "report", *options], cwd=BASE_DIR, capture_output=True, text=True)


def test_each_branch_of_the_rules_is_taken(tmp_path: Path) -> None:
    report = measured(tmp_path / "coverage")
    assert report.returncode == 0, report.stdout


@pytest.mark.parametrize("tests", ["tests/medications/rules/test_overdue.py"])
def test_one_that_is_not_taken_is_named(tests: str, tmp_path: Path) -> None:
    report = measured(tmp_path / "coverage", tests)
    assert report.returncode == 2
    assert "medications/rules/shelf.py" in report.stdout
    assert "medications/rules/overdue.py" not in report.stdout
