"""What is written of the benchmarks: the run in the middle, every benchmark there is, and which goals are met."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings

from tests.bench import NAMES
from tests.bench._folder import goals_of
from tests.bench._kept import Measured, OtherMachineError, load
from tests.bench._report import report, sentence
from tests.bench._result import Goal, Result

DOCS = Path(settings.BASE_DIR) / "docs"
MACHINE = {"CPU": "Abacus"}


def measured(*rates: float) -> Measured:
    runs = [Result("due", rows=5_000_000, rate=rate, floor_rate=1000, more={"ms": 3}) for rate in rates]
    return Measured("due", {"rows": 5_000_000}, MACHINE, date(2026, 12, 1), "1a2b3c", runs)


def written(each: Measured, *goals: Goal) -> str:
    return report({"due": each}, {"due": goals})


def test_the_line_is_that_of_the_run_with_the_median_ratio() -> None:
    line = json.loads(measured(900, 650.4, 700).line())
    assert line == {
        "bench": "due",
        "rows": 5_000_000,
        "rate": 700,
        "floor_rate": 1000,
        "ratio": 0.7,
        "runs": [0.65, 0.7, 0.9],
        "ms": 3,
    }


def test_of_an_even_number_of_runs_the_lower_one_in_the_middle_counts() -> None:
    assert measured(900, 650, 700, 800).middle.ratio == 0.7


def test_the_report_gives_the_median_with_its_spread_the_machine_the_day_and_the_commit() -> None:
    text = written(measured(900, 650, 700))
    assert "| due | 5,000,000 | 700 | 1,000 | 0.7 | 0.65–0.9 | 3 | 1 December 2026 | 1a2b3c |" in text
    assert "| CPU | Abacus |" in text


def test_a_benchmark_that_was_never_measured_has_a_line_too() -> None:
    text = report({}, {"due": [Goal("of all", at_least=0.8)]})
    assert "| due |  |  |  |  |  |  | not yet |  |" in text
    assert "| due | of all | at least 0.8 |  | not measured |" in text


def test_each_goal_stands_beside_what_is() -> None:
    text = written(
        measured(900, 650, 700),
        Goal("of all", at_least=0.7),
        Goal("of all twice", at_least=1.4, figure=lambda run: 2 * run.ratio),
        Goal("rows a second", at_least=20_000, figure=lambda run: run.rate),
        Goal("milliseconds", at_most=2, figure=lambda run: run.more["ms"]),
        Goal("asked for later", at_most=2, figure=lambda run: run.more["seconds"]),
    )
    assert "| due | of all | at least 0.7 | 0.7 (0.65–0.9) | met |" in text
    assert "| due | of all twice | at least 1.4 | 1.4 (1.3–1.8) | met |" in text
    assert "| due | rows a second | at least 20,000 | 700 (650–900) | **not met** |" in text
    assert "| due | milliseconds | at most 2 | 3 (3) | **not met** |" in text
    assert "| due | asked for later | at most 2 |  | not measured |" in text


def test_figures_of_two_machines_are_not_put_side_by_side() -> None:
    here, there = measured(900), replace(measured(900), bench="push", machine={"CPU": "Enigma"})
    with pytest.raises(OtherMachineError, match="CPU: Enigma there, Abacus here"):
        report({"due": here, "push": there}, {"due": (), "push": ()})


def test_the_document_is_what_is_kept() -> None:
    kept = load(DOCS / "benchmarks.jsonl")
    goals = {name: goals_of(name) for name in NAMES}
    text = (DOCS / "benchmarks.md").read_text(encoding="utf-8")
    assert text == report(kept, goals), "python -m tests.bench --write docs"


@pytest.mark.parametrize("name", NAMES)
def test_each_benchmark_says_in_a_sentence_what_it_compares(name: str) -> None:
    assert sentence(name).endswith(".")
