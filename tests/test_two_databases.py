"""On which database each case is asked: on one of the two at least, and on both what makes queries of its own."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from home.models import Clinic
from tests.two_databases import Asked, asked, chosen_for, commits, uses_database

ROOT = Path(settings.BASE_DIR)
OTHER_STEPS = ("tests/browser/", "tests/faults/", "tests/stacks/")
QUERIES = re.compile(
    r"/(services|selectors|pipeline|models|work|scheduling|encryption|backup|privacy|record|reach|worklist|visits"
    r"|upgrade|dashboard)/"
)
PAGES_AMONG_THEM = {
    "tests/home/privacy/test_staff_consents.py",
    "tests/home/record/test_page.py",
    "tests/home/worklist/test_pages.py",
}


def modules() -> list[str]:
    paths = (str(each.relative_to(ROOT)) for each in sorted((ROOT / "tests").rglob("test_*.py")))
    return [each for each in paths if not each.startswith(OTHER_STEPS)]


@pytest.fixture
def clinic(db: None) -> Clinic:
    return Clinic(name="Delft")


def test_one_with_a_fixture_that_uses_a_database_uses_it(
    request: pytest.FixtureRequest, clinic: Clinic
) -> None:
    assert uses_database(request.node) and not commits(request.node)


@pytest.mark.django_db
def test_one_with_the_mark_does(request: pytest.FixtureRequest) -> None:
    assert uses_database(request.node)


def test_one_without_either_does_not(request: pytest.FixtureRequest) -> None:
    assert not uses_database(request.node)


class Item:
    """A case as pytest collects it, as far as the choice looks at it."""

    def __init__(self, nodeid: str, *fixtures: str) -> None:
        self.nodeid = nodeid
        self.fixturenames = fixtures

    def get_closest_marker(self, name: str) -> None:
        return None


def chosen(database: Asked, items: Iterable[Any]) -> set[str]:
    return {each.nodeid for each in chosen_for(database, items)}


@pytest.mark.parametrize("fixture", ["", "db", "transactional_db"])
def test_each_case_of_each_module_is_asked_on_one_at_least(fixture: str) -> None:
    items = [Item(f"{module}::test_it[{number}]", fixture) for module in modules() for number in range(2)]
    assert len(items) > 500
    on_either = chosen(Asked.FIRST, items) | chosen(Asked.SECOND, items)
    assert on_either == {each.nodeid for each in items}


def test_what_makes_queries_of_its_own_is_asked_on_both() -> None:
    found = {each for each in modules() if QUERIES.search(each)}
    assert len(found) > 60
    assert {each for each in found if asked(each) is not Asked.BOTH} == PAGES_AMONG_THEM


@pytest.mark.parametrize(
    ("path", "on_first", "on_second"),
    [
        ("tests/notifications/api/test_bodies.py", 0, 3),
        ("tests/events/admin/test_create.py", 0, 3),
        ("tests/events/pages/test_list.py", 3, 3),
        ("tests/notifications/admin/test_reports.py", 3, 3),
        ("tests/events/services/test_changes.py", 3, 3),
        ("tests/medications/test_demo_loading.py", 3, 1),
        ("tests/addresses/test_matrix.py", 3, 0),
        ("tests/addresses/test_hostile.py", 0, 3),
    ],
)
def test_a_page_is_asked_on_the_second_unless_each_input_makes_a_query_of_its_own(
    path: str, on_first: int, on_second: int
) -> None:
    items = [Item(f"{path}::test_it[{number}]", "db") for number in range(3)]
    assert len(chosen(Asked.FIRST, items)) == on_first
    assert len(chosen(Asked.SECOND, items)) == on_second


def test_a_page_without_a_database_is_asked_on_the_first_and_one_that_commits_on_both() -> None:
    path = "tests/notifications/api/test_bodies.py"
    items = [Item(f"{path}::test_words"), Item(f"{path}::test_it", "transactional_db")]
    assert chosen(Asked.FIRST, items) == {each.nodeid for each in items}
    assert chosen(Asked.SECOND, items) == {f"{path}::test_it"}
