"""Whole stacks on one PostgreSQL and one Redis. On SQLite there is nothing to show, so nothing is collected."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection
from huey.contrib.djhuey import HUEY

from tests.stacks.stack import Stack

collect_ignore_glob = [] if settings.REDIS_URL else ["test_*.py"]

Start = Callable[..., Stack]


@pytest.fixture
def start(transactional_db: None, tmp_path: Path) -> Iterator[Start]:
    """Start a stack on this run's database and queue, or others; each has a name, which the database knows too."""
    HUEY.flush()
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    with ExitStack() as stacks:

        def start(
            name: str, *, processes: tuple[str, ...] = ("web", "live", "consumer"), **others: str
        ) -> Stack:
            environment = {
                "DATABASE_URL": url._replace(query=f"application_name={name}").geturl(),
                "REDIS_URL": settings.REDIS_URL,
                **others,
            }
            stack = Stack(tmp_path / name, environment, processes)
            stacks.callback(stack.kill)
            return stack

        yield start
