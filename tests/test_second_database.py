"""Which cases the second database is asked: those that use one, however they come to it."""

import pytest

from home.models import Clinic
from tests.second_database import uses_database


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
