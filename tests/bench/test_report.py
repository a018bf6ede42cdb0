"""What is written of the benchmarks: the run in the middle, and every benchmark there is."""

import json
import re
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings

from tests.bench import NAMES
from tests.bench._report import report, sentence
from tests.bench._result import Repeated, Result

WRITTEN = Path(settings.BASE_DIR) / "docs/benchmarks.md"


def runs(*rates: float) -> Repeated:
    return Repeated([Result("due", rows=5_000_000, rate=rate, floor_rate=1000, more={}) for rate in rates])


def test_the_line_is_that_of_the_run_with_the_median_ratio() -> None:
    line = json.loads(runs(900, 650.4, 700).line())
    assert line == {
        "bench": "due",
        "rows": 5_000_000,
        "rate": 700,
        "floor_rate": 1000,
        "ratio": 0.7,
        "runs": [0.65, 0.7, 0.9],
    }


def test_of_an_even_number_of_runs_the_lower_one_in_the_middle_counts() -> None:
    assert runs(900, 650, 700, 800).middle.ratio == 0.7


def test_the_report_gives_the_median_with_its_spread_the_machine_and_the_day() -> None:
    text = report([runs(900, 650, 700)], {"CPU": "Abacus"}, date(2026, 12, 1))
    assert "| due | 5,000,000 | 700 | 1,000 | 0.7 | 0.65–0.9 |" in text
    assert "| CPU | Abacus |" in text
    assert "on 1 December 2026" in text


def test_the_report_in_the_documents_lists_each_benchmark_that_exists() -> None:
    assert re.findall(r"^\| ([a-z_]+) \|", WRITTEN.read_text(), re.MULTILINE) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_report_in_the_documents_says_what_is_compared(name: str) -> None:
    assert f"- `{name}`: {sentence(name)}\n" in WRITTEN.read_text()
