"""A database for one run, which finds it as it was prepared and leaves in it what it likes."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import TypeVar
from urllib.parse import urlsplit

import psycopg
from django.db import connection
from psycopg.sql import SQL, Identifier

T = TypeVar("T")


@contextmanager
def copy(url: str, suffix: str) -> Iterator[str]:
    """Give the URL of a copy, named so, to which nobody may be connected who copies it in turn. It goes in the end,
    whoever is connected to it. Nobody may be connected to the original.
    """
    parts = urlsplit(url)
    original = _name(url)
    name = f"{original}_{suffix}"
    drop = SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name))
    # File by file, which leaves nothing that PostgreSQL would have to write to its disk while something is measured.
    make = SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
    with psycopg.connect(parts._replace(path="/postgres").geturl(), autocommit=True) as server:
        server.execute(drop)
        try:
            server.execute(make.format(Identifier(name), Identifier(original)))
            yield parts._replace(path=f"/{name}").geturl()
        finally:
            server.execute(drop)


def in_database(url: str, call: Callable[[], T]) -> T:
    """Call it in a process of its own, connected to this database."""
    with ProcessPoolExecutor(1, get_context("fork")) as process:
        return process.submit(_call_in, url, call).result()


def disconnect() -> None:
    """What is open can't be shared with other processes, nor a database copied that is in use."""
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's


def _call_in(url: str, call: Callable[[], T]) -> T:
    os.environ["DATABASE_URL"] = url  # for the programs that it starts
    connection.settings_dict["NAME"] = _name(url)
    return call()


def _name(url: str) -> str:
    return urlsplit(url).path.removeprefix("/")
