"""Processes that die at a named point, as by kill -9: what they had not committed is gone, and they do nothing more.

All happens in one connection and one transaction, which is rolled back in the end. So a commit is here the end of an
outermost savepoint, or a statement that changes something outside of any; and what waits for a commit
(`transaction.on_commit`) is called when the process has done what it was at, if it lives.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection

SEAMS = ("commit", "committed", "send", "sent")
"""Before and after a commit, before and after a provider takes a message."""
_CHANGES = ("INSERT", "UPDATE", "DELETE")
_BACK, _END = "ROLLBACK TO SAVEPOINT ", "RELEASE SAVEPOINT "


class Killed(BaseException):
    """The process is no more."""


class Kill(NamedTuple):
    """When a process dies: where it comes to this seam for so many times, from 1; in this step of its work alone, where
    one is named.
    """

    seam: str
    number: int
    step: str = ""


@dataclass
class Process:
    """One that may be about to die."""

    kill: Kill | None
    base: int
    """How deep in savepoints it began."""
    step: str = ""
    """What it is at."""
    passed: int = 0
    is_dead: bool = False
    gone_back: str = ""
    """The savepoint that it went back to last: its end is no commit."""

    def reach(self, seam: str) -> None:
        """Killed, if this is where it dies."""
        if self.kill is None or self.kill.seam != seam or self.kill.step not in ("", self.step):
            return
        self.passed += 1
        if self.passed == self.kill.number:
            self.is_dead = True
            raise Killed


_running: list[Process] = []
_writes = 0


def writes() -> int:
    """How many statements that change rows there were: until there is another, nothing is new."""
    return _writes


def reach(seam: str) -> None:
    """The process that is running comes to this seam."""
    if _running:
        _running[-1].reach(seam)


def begin(step: str) -> None:
    """The process that is running begins with this."""
    if _running:
        _running[-1].step = step


@contextmanager
def processes_can_die() -> Iterator[None]:
    """Let their statements pass by here."""
    with connection.execute_wrapper(_execute):
        yield


def run(work: Callable[[], object], kill: Kill | None = None) -> bool:
    """Do this in a process of its own, and what it put off until its commits; whether it lived."""
    process = Process(kill, len(connection.savepoint_ids))
    waiting, connection.run_on_commit = connection.run_on_commit, []
    _running.append(process)
    try:
        work()
        while connection.run_on_commit:
            waits: Any = connection.run_on_commit.pop(0)
            waits[1]()
    except Killed:
        del connection.savepoint_ids[process.base :]
        connection.needs_rollback = False
    finally:
        _running.pop()
        connection.run_on_commit = waiting
    return not process.is_dead


def _execute(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    global _writes  # noqa: PLW0603 - of the one connection that there is
    process = _running[-1] if _running else None
    if sql.startswith(_CHANGES):
        _writes += 1
    if process is None or sql.startswith("SELECT"):
        if process is not None and process.is_dead:
            raise Killed
        return execute(sql, params, many, context)
    if process.is_dead and not sql.startswith((_BACK, _END)):
        raise Killed
    if sql.startswith(_BACK):
        process.gone_back = sql.removeprefix(_BACK)
    if not _commits(process, sql):
        return execute(sql, params, many, context)
    try:
        process.reach("commit")
    except Killed:
        if sql.startswith(_END):
            execute(sql.replace(_END, _BACK), params, many, context)
        raise
    result = execute(sql, params, many, context)
    process.reach("committed")
    return result


def _commits(process: Process, sql: str) -> bool:
    if process.is_dead or len(connection.savepoint_ids) != process.base:
        return False
    if sql.startswith(_END):
        return sql.removeprefix(_END) != process.gone_back
    return sql.startswith(_CHANGES)
