"""Every deliberate break still fits the code and its tests, and there are some in every room."""

import ast
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings

from tests.architecture.definitions import definitions
from tests.breaks.copy import broken
from tests.breaks.edit import Break, OutOfDateError
from tests.breaks.rooms import BREAKS

ROOT = Path(settings.BASE_DIR)
APPS = ("events", "home", "medications", "notifications", "site_config")
NO_ROOMS = {"__pycache__", "demo", "formats", "management", "migrations"}
"""Folders whose code reaches nobody, or is made by tools."""


def rooms() -> set[str]:
    """Each app, for what is at its top, and each of its folders."""
    folders = {
        f"{app}/{folder.name}"
        for app in APPS
        for folder in (ROOT / app).iterdir()
        if folder.is_dir() and folder.name not in NO_ROOMS and any(folder.rglob("[a-z]*.py"))
    }
    return folders | set(APPS)


def room_of(file: str) -> str:
    app, *folders, _name = Path(file).parts
    return "/".join([app, *folders[:1]])


def test_there_are_many_and_each_has_a_name_of_its_own() -> None:
    assert len(BREAKS) >= 60
    assert [name for name, count in Counter(each.name for each in BREAKS).items() if count > 1] == []


def test_every_room_has_some() -> None:
    assert rooms() - {room_of(each.file) for each in BREAKS} == set()


@pytest.mark.parametrize("each", [pytest.param(each, id=each.name) for each in BREAKS])
def test_it_fits_the_code_and_its_tests(each: Break) -> None:
    text = (ROOT / each.file).read_text()
    changed = each.applied(text)
    assert changed != text
    ast.parse(changed)
    assert each.tests
    for test in each.tests:
        path, _, name = test.partition("::")
        assert not name or name in definitions(path)
        assert definitions(path)


def example(old: str) -> Break:
    return Break(name="an_example", file="code.py", old=old, new="2", tests=("tests/test_code.py",))


@pytest.mark.parametrize(("old", "times"), [("1", 2), ("3", 0)])
def test_what_is_not_there_once_is_refused(old: str, times: int) -> None:
    with pytest.raises(OutOfDateError, match=rf"an_example: .* {times} times in code\.py"):
        example(old).applied("a = 1\nb = 1\n")


def test_a_file_is_afterwards_what_it_was_to_its_time(tmp_path: Path) -> None:
    path = tmp_path / "code.py"
    path.write_text("a = 1\n")
    before = path.stat().st_mtime_ns
    with broken(tmp_path, example("1")):
        assert path.read_text() == "a = 2\n"
    assert (path.read_text(), path.stat().st_mtime_ns) == ("a = 1\n", before)
