"""Rooms that show and answer ask in the ORM's words, so that it is enough to test their pages on one database."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests.architecture.imports import APPS
from tests.two_databases import Asked, asked

ROOT = Path(settings.BASE_DIR)
TESTED_AS = {"views": "pages"}
"""Rooms whose tests stand in a folder of another name."""
CALLED = {"cursor", "extra", "raw"}
READ = {"vendor"}
IMPORTED = {"RawSQL", "Func", "Lookup", "Transform", "Window"}
"""By these a query is written that the ORM doesn't put into each database's own words by itself."""


def rooms() -> Iterator[Path]:
    """Those whose tests the second database alone is asked."""
    for app in APPS:
        for room in sorted((ROOT / app).iterdir()):
            tests = f"tests/{app}/{TESTED_AS.get(room.name, room.name)}/test_it.py"
            if room.is_dir() and asked(tests) is Asked.SECOND:
                yield room


def of_one_database(source: str) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            found |= CALLED & {node.func.attr}
        elif isinstance(node, ast.Attribute):
            found |= READ & {node.attr}
        elif isinstance(node, ast.alias):
            found |= IMPORTED & {node.name}
    return found


def test_these_are_the_rooms() -> None:
    assert {str(room.relative_to(ROOT)) for room in rooms()} == {
        *(f"{app}/admin" for app in ("events", "home", "medications", "notifications")),
        *("events/ical", "events/views", "medications/views"),
        *("home/api", "notifications/api", "notifications/inbox", "notifications/web"),
    }


@pytest.mark.parametrize("room", list(rooms()), ids=lambda room: f"{room.parent.name}-{room.name}")
def test_none_of_them_writes_a_query_for_one_database(room: Path) -> None:
    modules = sorted(room.rglob("*.py"))
    assert modules
    found = {str(each.relative_to(ROOT)): of_one_database(each.read_text()) for each in modules}
    assert {name: names for name, names in found.items() if names} == {}


@pytest.mark.parametrize(
    "source",
    [
        "with connection.cursor() as cursor: pass",
        "if connection.vendor == 'sqlite': pass",
        "Dose.objects.extra(where=['1'])",
        "from django.db.models import Func",
    ],
)
def test_a_query_for_one_database_is_seen(source: str) -> None:
    assert of_one_database(source)


def test_whoever_asks_which_database_it_is_is_tested_on_both() -> None:
    asking = {
        path.relative_to(ROOT)
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        if re.search(r"\bvendor (==|!=)", path.read_text())
    }
    assert len(asking) >= 4
    assert {path for path in asking if asked(f"tests/{path.parent}/test_it.py") is not Asked.BOTH} == set()
