"""The world, built once for all tests of a module, each of which finds it as it was built."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import transaction
from pytest_django import DjangoDbBlocker
from rest_framework.throttling import SimpleRateThrottle

from tests.addresses.routes import Address, addresses
from tests.addresses.visitor import Visitor
from tests.addresses.world import OURS, World, build
from tests.demo import NOW


@pytest.fixture(scope="module")
def _built(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[World]:
    """The transaction of a test is a savepoint in this one, as with the demo. A module may say WORD."""
    with django_db_blocker.unblock(), transaction.atomic():
        with time_machine.travel(NOW, tick=False):
            built = build(getattr(request.module, "WORD", OURS))
        yield built
        transaction.set_rollback(True)


@pytest.fixture
def world(_built: World, db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    rates = dict.fromkeys(SimpleRateThrottle.THROTTLE_RATES)
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", rates)
    with time_machine.travel(NOW, tick=False):
        yield _built


@pytest.fixture
def every_address(world: World) -> list[Address]:
    return list(addresses(world.rows))


@pytest.fixture
def visitors(world: World, settings: Any) -> dict[str, Visitor]:
    """Each of the eight with a browser, signed in."""
    settings.ACCOUNT_RATE_LIMITS = False
    return {name: Visitor(name, user, world.tokens.get(name, "")) for name, user in world.people.items()}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Wagtail leaves a temporary file to be collected when it can't read a picture."""
    for item in items:
        if "/addresses/" in str(item.path):
            item.add_marker(pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"))
