"""The demo, loaded once for all tests of a module: each finds it as it was loaded, whatever the one before did."""

from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import transaction
from pytest_django import DjangoDbBlocker

NOW = datetime(2026, 11, 24, 14, 20, 31, tzinfo=UTC)
"""16:20 in Johannesburg, a Tuesday."""


@pytest.fixture(scope="module")
def _loaded_demo(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The transaction of a test is a savepoint in this one, which is rolled back with the module's last test.

    All tests of the module see it, so those that begin without the demo are in another one.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        with time_machine.travel(NOW, tick=False):
            call_command("load_demo", force=True, stdout=StringIO())
        yield
        transaction.set_rollback(True)


@pytest.fixture
def demo(_loaded_demo: None, db: None, settings: Any) -> Iterator[None]:
    """A site that tries things out has the demo, and the moment is the one at which it was loaded."""
    settings.DEBUG = True
    with time_machine.travel(NOW, tick=False):
        yield
