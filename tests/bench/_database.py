"""A database for one run, which finds it as migrations made it and leaves in it what it likes."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from urllib.parse import urlsplit

import psycopg
from django.db import connection
from psycopg.sql import SQL, Identifier

from tests.bench._result import Result


def in_a_copy(url: str, run: Callable[[], Result]) -> Result:
    """Run it in a process of its own, on a copy of this database. Nobody may be connected to the original."""
    with _copy(url) as copy, ProcessPoolExecutor(1, get_context("fork")) as process:
        return process.submit(_run_in, copy, run).result()


def disconnect() -> None:
    """What is open can't be shared with other processes, nor a database copied that is in use."""
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's


def _run_in(url: str, run: Callable[[], Result]) -> Result:
    os.environ["DATABASE_URL"] = url  # for the programs that it starts
    connection.settings_dict["NAME"] = _name(url)
    return run()


@contextmanager
def _copy(url: str) -> Iterator[str]:
    """Give the URL of the copy, which goes in the end, whoever is connected to it."""
    parts = urlsplit(url)
    original = _name(url)
    name = f"{original}_bench"
    drop = SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name))
    with psycopg.connect(parts._replace(path="/postgres").geturl(), autocommit=True) as server:
        server.execute(drop)
        try:
            server.execute(
                SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(original))
            )
            yield parts._replace(path=f"/{name}").geturl()
        finally:
            server.execute(drop)


def _name(url: str) -> str:
    return urlsplit(url).path.removeprefix("/")
