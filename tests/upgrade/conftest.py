"""The old database, brought up to date once in a run; each test gets a copy of it behind the default connection."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from huey.contrib.djhuey import HUEY

from tests.other_database import connected_to, drop, make
from tests.upgrade.before import Before, before, restore

LATER = timedelta(minutes=5)
"""How long the site was away for its upgrade: all leases of before are over, all that was for later still is."""


@pytest.fixture(scope="session")
def old() -> Before:
    return before()


@pytest.fixture(scope="session")
def upgraded(old: Before, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a database that was made by the old commit and is migrated to today; not to be written to."""
    name = f"upgrade_{os.getpid()}"
    if connection.vendor == "sqlite":
        name = str(tmp_path_factory.mktemp("upgrade") / f"{name}.sqlite3")
    with django_db_blocker.unblock():
        make(name)
        with connected_to(name), time_machine.travel(old.now + LATER):
            restore(old)
            call_command("migrate", verbosity=0)
    yield name
    with django_db_blocker.unblock():
        drop(name)


@pytest.fixture
def site(upgraded: str, old: Before, django_db_blocker: Any, settings: Any, tmp_path: Path) -> Iterator[None]:
    """The site as it comes up again, minutes after it was left. What it sends is in its mailbox and in a folder."""
    settings.SMS_PROVIDERS = ["file"]
    settings.SMS_FILE_PATH = tmp_path / "sms"
    name = f"{Path(upgraded).with_suffix('')}_copy{Path(upgraded).suffix}"
    HUEY.flush()
    with django_db_blocker.unblock():
        make(name, copied_from=upgraded)
        with connected_to(name), time_machine.travel(old.now + LATER):
            yield
        drop(name)
    HUEY.flush()
