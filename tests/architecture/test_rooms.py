"""The tables of rooms in docs/architecture.md say what the tree has, and what each room may import."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.architecture.imports import APPS, graph

ROOT = Path(settings.BASE_DIR)
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text()
MAY_LISTED_ROOMS = [app for app in APPS if app != "notifications"]
NOTHING = "nothing"


@cache
def contracts() -> dict[str, list[dict[str, Any]]]:
    """The contracts of import-linter, by their type."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    found: dict[str, list[dict[str, Any]]] = {}
    for contract in project["tool"]["importlinter"]["contracts"]:
        found.setdefault(contract["type"], []).append(contract)
    return found


def layers_within(app: str) -> list[list[str]]:
    """The layers of an app's rooms, top first; none where the contract says nothing of them."""
    mine = [each for each in contracts()["layers"] if each.get("containers") == [app]]
    return [re.findall(r"\w+", layer) for each in mine for layer in each["layers"]]


def table(heading: str) -> list[dict[str, str]]:
    """The rows of the table below a heading, each by the names of its columns."""
    section = re.search(rf"^#+ {heading}\n(.*?)(?=^#|\Z)", ARCHITECTURE, re.DOTALL | re.MULTILINE)
    assert section
    lines = re.findall(r"^\|(.*)\|$", section[1], re.MULTILINE)
    [names, _rule, *rows] = [[cell.strip() for cell in line.split("|")] for line in lines]
    return [dict(zip(names, row, strict=True)) for row in rows]


def file_of(row: dict[str, str], column: str = "Room") -> str:
    return row[column].strip("`")


def name_of(row: dict[str, str]) -> str:
    return Path(file_of(row)).stem


def may_import(row: dict[str, str]) -> set[str]:
    cell = row["May import"]
    return set() if cell == NOTHING else set(re.findall(r"`(\w+)`", cell))


def folders_of(app: str) -> set[str]:
    return {
        f"{app}/{folder.name}/"
        for folder in (ROOT / app).iterdir()
        if folder.is_dir() and any(folder.rglob("*.py")) and folder.name != "__pycache__"
    }


def modules_of(app: str) -> set[str]:
    return {f"{app}/{path.name}" for path in (ROOT / app).glob("*.py") if path.name != "__init__.py"}


def room_of(module: str) -> tuple[str, str]:
    app, _, rest = module.partition(".")
    return app, rest.partition(".")[0]


def imported_by(app: str, room: str) -> set[str]:
    """The other rooms of its app, and the other apps, that a folder imports."""
    modules = {each for each in graph().modules if room_of(each) == (app, room)}
    found = {
        room_of(imported)
        for module in modules
        for imported in graph().find_modules_directly_imported_by(module)
    }
    folders = {Path(folder).name for folder in folders_of(app)}
    within = {other for other_app, other in found if other_app == app and other != room}
    return within & folders | {other_app for other_app, _ in found if other_app != app}


def reachable(app: str, room: str) -> set[str]:
    """The rooms of the app that the table lets a room reach, by others too."""
    rows = {name_of(row): may_import(row) - set(APPS) for row in table(app)}
    found: set[str] = set()
    waiting = [room]
    while waiting:
        for each in rows[waiting.pop()] - found:
            found.add(each)
            waiting.append(each)
    return found


def test_each_app_imports_only_what_the_contract_has_below_it() -> None:
    [contract] = [each for each in contracts()["layers"] if "containers" not in each]
    layers = [re.findall(r"\w+", layer) for layer in contract["layers"]]
    below = {
        app: {other for layer in layers[number + 1 :] for other in layer}
        for number, layer in enumerate(layers)
        for app in layer
    }
    assert {Path(file_of(row, "App")).name: may_import(row) for row in table("The apps")} == below


@pytest.mark.parametrize("app", APPS)
def test_the_table_has_every_room_once(app: str) -> None:
    listed = [file_of(row) for row in table(app)]
    there = folders_of(app) | (modules_of(app) if app == "notifications" else set())
    assert sorted(listed) == sorted(there)


@pytest.mark.parametrize("app", APPS)
def test_every_room_is_explained(app: str) -> None:
    assert [row for row in table(app) if not row["What it has"]] == []


def test_the_engines_rooms_are_in_the_layers_of_the_contract() -> None:
    layers = layers_within("notifications")
    last = len(layers)
    expected = {
        room: (str(number), f"{number + 1}–{last}" if number + 1 < last else str(last))
        for number, layer in enumerate(layers, start=1)
        for room in layer
    }
    [contract] = [each for each in contracts()["layers"] if each.get("containers") == ["notifications"]]
    expected |= dict.fromkeys(contract["exhaustive_ignores"], ("–", "all"))
    assert {name_of(row): (row["Layer"], row["May import"]) for row in table("notifications")} == expected


def test_the_engine_has_ten_layers_at_most() -> None:
    assert len(layers_within("notifications")) <= 10


@pytest.mark.parametrize("app", MAY_LISTED_ROOMS)
def test_a_room_imports_only_what_the_table_lets_it(app: str) -> None:
    beyond = {name_of(row): imported_by(app, name_of(row)) - may_import(row) for row in table(app)}
    assert {room: rooms for room, rooms in beyond.items() if rooms} == {}


@pytest.mark.parametrize("app", MAY_LISTED_ROOMS)
def test_the_table_lets_no_room_import_itself_by_a_detour(app: str) -> None:
    assert [name_of(row) for row in table(app) if name_of(row) in reachable(app, name_of(row))] == []


@pytest.mark.parametrize("app", MAY_LISTED_ROOMS)
def test_the_table_lets_no_room_import_what_the_contract_forbids(app: str) -> None:
    """A room may import those of lower layers; of what the contract doesn't name, it says nothing."""
    layers = layers_within(app)
    depth = {room: number for number, layer in enumerate(layers) for room in layer}
    forbidden = {
        (name_of(row), other)
        for row in table(app)
        for other in may_import(row) & set(depth)
        if depth.get(name_of(row), -1) >= depth[other]
    }
    assert forbidden == set()


def test_rules_that_the_contract_calls_pure_may_import_nothing_of_ours() -> None:
    [contract] = contracts()["forbidden"]
    rules = {each for each in contract["source_modules"] if each.endswith(".rules")}
    for app in MAY_LISTED_ROOMS:
        for row in table(app):
            if f"{app}.{name_of(row)}" in rules:
                assert row["May import"] == NOTHING
