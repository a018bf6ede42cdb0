"""The hazard log and the tables of standards name what is there, and the log leaves out no test of a fault."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.architecture.definitions import definitions
from tools.safety import EMPTY, JUDGED, PAGES, hazards, out_of_step, read

ROOT = Path(settings.BASE_DIR)
HAZARDS: list[Mapping[str, Any]] = read("hazards")["hazards"]
ROWS: list[Mapping[str, Any]] = [row for name in ("asvs", "popia") for row in read(name)["rows"]]
CONTROLS: list[Mapping[str, Any]] = [each for hazard in HAZARDS for each in hazard["controls"]]


def links(kind: str) -> list[str]:
    """What controls and answers name: `kind` is code or tests."""
    return list(dict.fromkeys(link for each in [*CONTROLS, *ROWS] for link in each.get(kind, ())))


def is_there(link: str) -> bool:
    path, _, name = link.partition("::")
    return (ROOT / path).is_file() and (not name or name in definitions(path))


def cases_in(folder: str) -> Iterator[str]:
    for path in sorted((ROOT / folder).rglob("test_*.py")):
        file = path.relative_to(ROOT).as_posix()
        names = definitions(file)
        yield from (f"{file}::{name}" for name in names if name.rpartition("::")[2].startswith("test_"))


def test_there_are_some_each_with_an_id_of_its_own() -> None:
    assert len(HAZARDS) >= 25
    assert [id_ for id_, count in Counter(each["id"] for each in HAZARDS).items() if count > 1] == []


@pytest.mark.parametrize("hazard", [pytest.param(each, id=each["id"]) for each in HAZARDS])
def test_each_says_what_it_is_and_what_holds_it_back(hazard: Mapping[str, Any]) -> None:
    assert all(hazard[name].strip() for name in ("title", "cause", "effect"))
    assert hazard["controls"]
    for control in hazard["controls"]:
        assert control["does"].endswith(".")
        assert control["code"] and control["tests"]


@pytest.mark.parametrize("kind", ["code", "tests"])
def test_what_is_named_is_there(kind: str) -> None:
    assert links(kind)
    assert [link for link in links(kind) if not is_there(link)] == []


def test_what_is_named_as_a_test_is_one() -> None:
    assert [link for link in links("tests") if "::test_" not in link] == []


@pytest.mark.parametrize("folder", ["tests/faults", "tests/stacks"])
def test_each_test_of_a_fault_serves_a_hazard(folder: str) -> None:
    served = {link for control in CONTROLS for link in control["tests"]}
    found = list(cases_in(folder))
    assert found
    assert [test for test in found if test not in served] == []


def test_each_section_of_a_standard_is_answered_is_open_or_does_not_apply() -> None:
    assert [
        row["section"]
        for row in ROWS
        if row.get("applies", True) and not (row.get("tests") and row.get("code"))
    ] == []
    assert [row["section"] for row in ROWS if not row.get("applies", True) and row.get("tests")] == []


def test_nobody_judges_a_hazard_who_does_not_sign_for_it() -> None:
    """Who judges one fills in all of it."""
    assert [each["id"] for each in HAZARDS if len({bool(each.get(name)) for name in JUDGED}) > 1] == []


def test_the_pages_are_what_their_data_say() -> None:
    assert out_of_step() == []


@pytest.mark.parametrize("name", PAGES)
def test_what_is_open_stands_above_the_rest(name: str) -> None:
    page = PAGES[name]()
    first = page.index("\n## ")
    assert page.startswith("\n## What is open", first)
    above = page[first : page.index("\n## ", first + 1)]
    rows = HAZARDS if name == "hazards" else read(name)["rows"]
    said = [each for row in rows for each in row.get("open", ())]
    assert said
    assert [each for each in said if each not in above] == []


def test_until_a_clinician_signs_the_log_says_so() -> None:
    if not all(each.get("signed") for each in HAZARDS):
        assert "**Not signed.**" in hazards()
    assert hazards().count(f" | {EMPTY}" * len(JUDGED)) == sum(not each.get("signed") for each in HAZARDS)
