"""What all tests share. Their database is made in tests.database; tests.second_database says what runs on two."""

import gc
from collections.abc import Iterator

import pytest
from django.utils import translation

pytest_plugins = ["tests.database", "tests.second_database"]


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What is loaded by now stays, so that no collection of garbage looks through it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _language_of_the_site() -> Iterator[None]:
    """A request leaves its reader's language behind in the thread, as in a server whose next request sets its own."""
    yield
    translation.deactivate()
