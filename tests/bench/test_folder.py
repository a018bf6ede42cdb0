"""Some benchmarks are measured, others are left as they were, and no two machines are mixed."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.bench.__main__ import measure_each
from tests.bench._folder import Folder
from tests.bench._kept import Measured, OtherMachineError, load
from tests.bench._result import Result

MACHINE = {"CPU": "Abacus"}
ENIGMA = {"CPU": "Enigma"}


def measured(name: str, rate: float = 500.0) -> Measured:
    runs = [Result(name, rows=1_000, rate=rate, floor_rate=1000)]
    return Measured(name, {}, MACHINE, date(2026, 12, 1), "1a2b3c", runs)


def kept(folder: Path) -> dict[str, Measured]:
    return load(folder / "benchmarks.jsonl")


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """It has figures of two benchmarks."""
    before = Folder(tmp_path)
    before.keep(measured("due"))
    before.keep(measured("mail"))
    return Folder(tmp_path)


def test_what_is_measured_takes_the_place_of_its_own_figures_alone(folder: Folder, tmp_path: Path) -> None:
    folder.make_room(MACHINE, all_anew=False)
    folder.keep(measured("due", 700))
    folder.write()
    assert kept(tmp_path) == {"due": measured("due", 700), "mail": measured("mail")}
    document = (tmp_path / "benchmarks.md").read_text()
    assert "| due | 1,000 | 700 |" in document
    assert "| mail | 1,000 | 500 |" in document


def test_changes_are_told_of_what_was_measured_now(folder: Folder) -> None:
    folder.keep(measured("due", 700))
    folder.keep(measured("pages", 700))
    told = folder.changes()
    assert told[0] == "due, ratio: 0.7 now, 0.5 on 2026-12-01 (1a2b3c)."
    assert all(each.startswith("due, ") for each in told)


def test_some_figures_of_another_machine_are_refused(folder: Folder, tmp_path: Path) -> None:
    with pytest.raises(OtherMachineError):
        folder.make_room(ENIGMA, all_anew=False)
    assert set(kept(tmp_path)) == {"due", "mail"}


def test_all_figures_of_another_machine_replace_those_that_are_there(folder: Folder, tmp_path: Path) -> None:
    (said,) = folder.make_room(ENIGMA, all_anew=True)
    assert said.startswith("Figures of two machines can't be compared (CPU: Abacus there, Enigma here).")
    folder.keep(replace(measured("due", 700), machine=ENIGMA))
    assert folder.changes() == []
    assert set(kept(tmp_path)) == {"due"}


def test_on_the_same_machine_nothing_goes_beforehand(folder: Folder, tmp_path: Path) -> None:
    assert folder.make_room(MACHINE, all_anew=True) == []
    folder.keep(measured("pages"))
    assert set(kept(tmp_path)) == {"due", "mail", "pages"}


def test_one_that_fails_does_not_take_the_others_with_it(
    folder: Folder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def measure(name: str) -> Measured:
        if name == "mail":
            raise ConnectionRefusedError("no server")
        return measured(name, 700)

    assert measure_each(["due", "mail", "pages"], measure, folder) == ["mail"]
    assert kept(tmp_path) == {
        "due": measured("due", 700),
        "mail": measured("mail"),
        "pages": measured("pages", 700),
    }
    said = capsys.readouterr()
    assert [json.loads(line)["bench"] for line in said.out.splitlines()] == ["due", "pages"]
    assert "no server" in said.err
