"""Which errors of the database pass by themselves."""

import psycopg.errors
import pytest
from django.db import DataError, IntegrityError, InterfaceError, InternalError, OperationalError

from notifications.database_errors import is_full, is_lost, is_passing, words_of


def raised(error: Exception, cause: Exception | None = None) -> Exception:
    error.__cause__ = cause
    return error


PASSING = [
    raised(OperationalError("canceling statement"), psycopg.errors.QueryCanceled()),
    raised(OperationalError("lock timeout"), psycopg.errors.LockNotAvailable()),
    raised(OperationalError("no space left"), psycopg.errors.DiskFull()),
    raised(OperationalError("shutting down"), psycopg.errors.AdminShutdown()),
    raised(InternalError("idle"), psycopg.errors.IdleInTransactionSessionTimeout()),
    raised(InternalError("too long"), psycopg.errors.TransactionTimeout()),
    raised(InterfaceError("the connection is closed")),
    raised(OperationalError("database is locked")),
]
OURS = [
    raised(InternalError("aborted"), psycopg.errors.InFailedSqlTransaction()),
    raised(IntegrityError("twice"), psycopg.errors.UniqueViolation()),
    raised(DataError("too long"), psycopg.errors.StringDataRightTruncation()),
    ValueError("no number"),
]


@pytest.mark.parametrize("error", PASSING, ids=str)
def test_what_the_database_does_passes(error: Exception) -> None:
    assert is_passing(error)


@pytest.mark.parametrize("error", OURS, ids=str)
def test_what_the_code_does_does_not(error: Exception) -> None:
    assert not is_passing(error)


def test_a_full_disk_is_known_on_both_databases() -> None:
    full = [PASSING[2], OperationalError("database or disk is full")]
    assert [is_full(each) for each in full] == [True, True]
    assert [each for each in [*PASSING, *OURS] if is_full(each)] == [PASSING[2]]


def test_what_is_said_quotes_no_row() -> None:
    said = "could not extend file: No space left on device"
    error = OperationalError(
        f'{said}\nHINT:  Check free disk space.\nCONTEXT:  COPY notification, line 3: "Thandi\tMetformin"'
    )
    assert words_of(error) == said
    assert words_of(ValueError("one\ntwo")) == "one\ntwo"


def test_a_connection_is_lost_or_only_what_was_asked_by_it_refused() -> None:
    lost = [PASSING[number] for number in (3, 4, 5, 6, 7)]
    assert [each for each in [*PASSING, *OURS] if is_lost(each)] == lost
    assert not is_lost(OperationalError("database or disk is full"))
