"""The old database, brought up to date once for all runs; each test gets a copy of it behind the default connection."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from huey.contrib.djhuey import HUEY

from tests.database import kept, turn
from tests.other_database import connected_to, drop, make
from tests.upgrade.before import FILE, Before, before, restore

LATER = timedelta(minutes=5)
"""How long the site was away for its upgrade: all leases of before are over, all that was for later still is."""
MADE_BY = (FILE, FILE.with_name("before.py"), Path(__file__))
"""Beside the migrations."""


@pytest.fixture(scope="session")
def old() -> Before:
    return before()


@pytest.fixture(scope="session")
def upgraded(
    request: pytest.FixtureRequest,
    old: Before,
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """The name of a database that was made by the old commit and is migrated to today; not to be written to.

    All workers of a run share it: the first makes it, while the others wait, and the last takes it away. It is kept
    for further runs with the same migrations, in which `migrate` only writes anew what it writes each time.
    """
    folder, name = tmp_path_factory.getbasetemp(), f"upgrade_{os.getpid()}"
    if run := os.environ.get("PYTEST_XDIST_TESTRUNUID"):
        folder, name = folder.parent, f"upgrade_{run[:8]}"
    users = folder / f"{name}.users"
    if connection.vendor == "sqlite":
        name = str(folder / f"{name}.sqlite3")
    with _counted(users, 1) as others, django_db_blocker.unblock():
        if not others:
            _bring_up_to_date(request.config, old, name)
    yield name
    with _counted(users, -1) as all_of_us, django_db_blocker.unblock():
        if all_of_us == 1:
            drop(name)


def _bring_up_to_date(config: pytest.Config, old: Before, name: str) -> None:
    with turn(config, "upgraded"):
        kept_one = kept(config, "upgraded", *(each.read_bytes() for each in MADE_BY))
        was_kept = kept_one.is_there()
        if was_kept:
            kept_one.copy(name)
        else:
            make(name)
        with connected_to(name), time_machine.travel(old.now + LATER):
            if not was_kept:
                restore(old)
            call_command("migrate", verbosity=0)
        if not was_kept:
            kept_one.keep(name)


@contextmanager
def _counted(file: Path, more: int) -> Iterator[int]:
    """Add to the number in a file that one worker at a time has open; gives what it was before."""
    with file.open("a+") as number:
        fcntl.flock(number, fcntl.LOCK_EX)
        number.seek(0)
        before = int(number.read() or 0)
        yield before
        number.truncate(0)
        number.write(str(before + more))


@pytest.fixture
def site(upgraded: str, old: Before, django_db_blocker: Any, settings: Any, tmp_path: Path) -> Iterator[None]:
    """The site as it comes up again, minutes after it was left. What it sends is in its mailbox and in a folder."""
    settings.SMS_PROVIDERS = ["file"]
    settings.SMS_FILE_PATH = tmp_path / "sms"
    name = f"{Path(upgraded).with_suffix('')}_{os.getpid()}{Path(upgraded).suffix}"
    HUEY.flush()
    with django_db_blocker.unblock():
        make(name, copied_from=upgraded)
        with connected_to(name), time_machine.travel(old.now + LATER):
            yield
        drop(name)
    HUEY.flush()
