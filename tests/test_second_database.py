"""Which cases the second database is asked: those that use one, however they come to it."""

from typing import Any

import pytest

from home.models import Clinic
from tests.second_database import _asked, uses_database


@pytest.fixture
def clinic(db: None) -> Clinic:
    return Clinic(name="Delft")


def test_one_with_a_fixture_that_uses_a_database_is_asked(
    request: pytest.FixtureRequest, clinic: Clinic
) -> None:
    assert uses_database(request.node)


@pytest.mark.django_db
def test_one_with_the_mark_is_asked(request: pytest.FixtureRequest) -> None:
    assert uses_database(request.node)


def test_one_without_either_is_not(request: pytest.FixtureRequest) -> None:
    assert not uses_database(request.node)


class Item:
    """A case as pytest collects it, as far as the choice looks at it; it uses a database."""

    fixturenames = ("db",)

    def __init__(self, nodeid: str) -> None:
        self.nodeid = nodeid

    def get_closest_marker(self, name: str) -> None:
        return None


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("tests/notifications/api/test_bodies.py", 1),
        ("tests/events/pages/test_list.py", 3),
        ("tests/notifications/api/test_isolation.py", 3),
        ("tests/events/services/test_changes.py", 3),
    ],
)
def test_a_page_is_asked_with_its_first_input_alone_unless_each_makes_a_query_of_its_own(
    path: str, asked: int
) -> None:
    items: list[Any] = [Item(f"{path}::test_it[{number}]") for number in range(3)]
    assert [item.nodeid for item in _asked(items)] == [item.nodeid for item in items[:asked]]
