"""What is kept of the runs, and what is compared with it."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.bench._kept import Measured, OtherMachineError, changes, load, refuse_others, save
from tests.bench._result import Goal, Result

MACHINE = {"CPU": "Abacus", "Cores": "2"}
ENIGMA = {"CPU": "Enigma", "Cores": "2"}
GOALS = [Goal("milliseconds", at_most=2, figure=lambda run: run.more["ms"])]


def measured(*rates: float, ms: float = 3) -> Measured:
    runs = [Result("due", rows=1_000, rate=rate, floor_rate=1000, more={"ms": ms}) for rate in rates]
    return Measured("due", {"tables": [10, 1_000]}, MACHINE, date(2026, 12, 1), "1a2b3c", runs)


def test_what_is_kept_is_found_again(tmp_path: Path) -> None:
    file = tmp_path / "kept.jsonl"
    kept = {"due": measured(900, 650, 700)}
    save(file, kept)
    assert load(file) == kept


def test_each_run_is_a_line_that_says_all_about_it(tmp_path: Path) -> None:
    file = tmp_path / "kept.jsonl"
    save(file, {"due": measured(900, 650)})
    first, _ = map(json.loads, file.read_text().splitlines())
    assert first == {
        "bench": "due",
        "size": {"tables": [10, 1_000]},
        "machine": MACHINE,
        "day": "2026-12-01",
        "commit": "1a2b3c",
        "rows": 1_000,
        "rate": 900,
        "floor_rate": 1000,
        "more": {"ms": 3},
        "ratio": 0.9,
    }


def test_nothing_is_kept_at_first(tmp_path: Path) -> None:
    assert load(tmp_path / "none.jsonl") == {}


def test_a_change_within_the_spread_is_none() -> None:
    assert changes(measured(700, 800, 900), measured(900, 1_000), GOALS) == []


def test_a_change_beyond_the_spread_is_told_of_the_ratio_and_of_each_goal() -> None:
    assert changes(measured(700, 800), measured(850, 900, ms=2), GOALS) == [
        "due, ratio: 0.85–0.9 now, 0.7–0.8 on 2026-12-01 (1a2b3c).",
        "due, milliseconds: 2 now, 3 on 2026-12-01 (1a2b3c).",
    ]


def test_runs_of_another_size_are_not_compared() -> None:
    before = replace(measured(100), size={"tables": [10]})
    (told,) = changes(before, measured(900), GOALS)
    assert "not compared" in told


def test_runs_of_another_machine_are_refused() -> None:
    with pytest.raises(OtherMachineError, match=r"can't be compared \(CPU: Enigma there, Abacus here\)\."):
        changes(replace(measured(900), machine=ENIGMA), measured(900), GOALS)


def test_one_of_another_machine_among_many_is_found() -> None:
    refuse_others([measured(900), measured(800)], MACHINE)
    with pytest.raises(OtherMachineError):
        refuse_others([measured(900), replace(measured(800), machine=ENIGMA)], MACHINE)
