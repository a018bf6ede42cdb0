"""What PostgreSQL says of open transactions and dead rows; of SQLite nothing is asked."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection

from notifications.models import Delivery, EventRecord, Notification
from notifications.selectors.database_state import (
    DEAD_ROWS,
    OPEN_FOR,
    Table,
    Transactions,
    hot_tables,
    transactions,
)

pytestmark = pytest.mark.django_db
ON_POSTGRES = connection.vendor == "postgresql"


@contextmanager
def open_elsewhere() -> Iterator[None]:
    """Another session has a transaction open, where there can be one."""
    if not ON_POSTGRES:
        yield
        return
    where = connection.get_connection_params()
    with psycopg.connect(dbname=where["dbname"], host=where["host"], user=where["user"]) as elsewhere:
        elsewhere.execute("SELECT 1")
        yield
        elsewhere.rollback()


def test_the_age_of_the_oldest_open_transaction_of_others_is_told() -> None:
    with open_elsewhere():
        time.sleep(0.2)
        found = transactions()
    if not ON_POSTGRES:
        assert found is None
        return
    assert found is not None and found.oldest_seconds >= 0.2
    assert not found.are_too_old


def test_ones_own_does_not_count() -> None:
    found = transactions()  # this test is one that is open
    assert found == (Transactions(0, 0) if ON_POSTGRES else None)


def test_an_account_without_rights_is_told_how_much_it_can_not_see() -> None:
    if not ON_POSTGRES:
        assert transactions() is None
        return
    with open_elsewhere(), connection.cursor() as cursor:
        cursor.execute("CREATE ROLE looks_on")
        cursor.execute("SET LOCAL ROLE looks_on")
        found = transactions()
        tables = hot_tables()
        cursor.execute("RESET ROLE")
    assert found is not None and found.hidden >= 1
    assert tables


def test_the_tables_in_which_rows_come_and_go_are_told_of() -> None:
    hot = sorted(model._meta.db_table for model in (Notification, Delivery, EventRecord))
    assert [table.name for table in hot_tables()] == (hot if ON_POSTGRES else [])


@pytest.mark.parametrize("ask", [transactions, hot_tables])
def test_each_is_one_question(ask: object, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1 if ON_POSTGRES else 0):  # type: ignore[operator]
        ask()  # type: ignore[operator]


@pytest.mark.parametrize(
    ("seconds", "too_old"), [(0, False), (OPEN_FOR, False), (OPEN_FOR + 1, True), (86_400, True)]
)
def test_ten_minutes_are_too_long(seconds: int, too_old: bool) -> None:
    assert Transactions(seconds, 0).are_too_old is too_old


@pytest.mark.parametrize(
    ("live", "dead", "untidy"),
    [
        (0, 0, False),
        (0, DEAD_ROWS, False),
        (0, DEAD_ROWS + 1, True),
        (10_000_000, 500_000, False),  # what a vacuum waits for
        (10_000_000, 5_000_001, True),
    ],
)
def test_many_dead_rows_are_untidy_beside_those_in_use(live: int, dead: int, untidy: bool) -> None:
    assert Table("any", live, dead).is_untidy is untidy
