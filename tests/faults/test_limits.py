"""PostgreSQL cuts off whoever takes or waits too long, or forgets to end: they see it, and nothing is half done."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from asgiref.sync import async_to_sync
from django.db import InternalError, OperationalError, connection, models, transaction
from django.db.backends.signals import connection_created
from django.db.migrations.state import ProjectState
from django.http import HttpResponse
from django.test import AsyncClient, Client

from home.models import User
from notifications.database_errors import is_passing
from notifications.migrations._add_index_beside import AddIndexBeside
from notifications.models import ChannelChoice, EventRecord, Notification
from notifications.selectors.database_state import transactions
from site_config import database_limits
from site_config.database_limits import limit_connections, migrate_patiently
from tests.faults.cast import all_dealt_with, ids, people, the_minute_comes, told, with_a_dose
from tests.faults.smtp_server import SmtpServer, addresses
from tests.faults.stack import Site, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def somebody_else() -> psycopg.Connection[tuple[object, ...]]:
    """Another program on the same database; its transaction ends when it says so."""
    where = connection.get_connection_params()
    return psycopg.connect(dbname=where["dbname"], host=where["host"], user=where["user"])


@contextmanager
def held(table: str) -> Iterator[None]:
    """Somebody else has changed this table in a transaction that stays open."""
    with somebody_else() as holder:
        holder.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield
        holder.rollback()


@pytest.fixture
def limits() -> Iterator[None]:
    """After the test this process has none any more."""
    yield
    connection_created.disconnect(dispatch_uid=database_limits.__name__)
    _begin_anew()


def limited(**seconds: int) -> None:
    limit_connections(seconds)
    _begin_anew()


def _begin_anew() -> None:
    pooled: Any = connection
    pooled.close()
    pooled.close_pool()


def setting(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {name}")
        said: str = cursor.fetchone()[0]
    return said


def test_every_session_has_the_limits_of_its_process(limits: None) -> None:
    limited(statement=15, lock=10, idle=60, transaction=25)
    for _ in range(2):  # the second time the pool hands it out again
        assert setting("statement_timeout") == "15s"
        assert setting("lock_timeout") == "10s"
        assert setting("idle_in_transaction_session_timeout") == "1min"
        assert setting("transaction_timeout") == "25s"
        connection.close()


def test_a_session_is_asked_for_its_limits_once(limits: None) -> None:
    limited(statement=15)
    asked: list[str] = []

    def note(execute: Callable[..., object], sql: str, *rest: object) -> object:
        asked.append(sql)
        return execute(sql, *rest)

    sessions = set()
    for _ in range(6):
        with connection.execute_wrapper(note):
            connection.ensure_connection()
        sessions.add(connection.connection)
        connection.close()
    assert len(asked) == len(sessions) < 6


Ask = Callable[..., HttpResponse]


def by_wsgi(user: User, path: str, form: Mapping[str, str] | None = None) -> HttpResponse:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client.get(path) if form is None else client.post(path, form)  # type: ignore[return-value]


def by_asgi(user: User, path: str, form: Mapping[str, str] | None = None) -> HttpResponse:
    client = AsyncClient(raise_request_exception=False)
    client.force_login(user)
    ask = client.get if form is None else client.post
    return async_to_sync(ask)(path, form)  # type: ignore[return-value]


@pytest.mark.parametrize("ask", [by_wsgi, by_asgi])
def test_a_page_that_is_cut_off_says_so_in_both_languages_and_changes_nothing(limits: None, ask: Ask) -> None:
    (user,) = people(1, by_email=False)
    limited(statement=1)
    with held("notifications_channelchoice"):
        began = time.monotonic()
        shown = ask(user, "/en/preferences/")
        answered = ask(
            user, "/en/preferences/", {"part": "channels", "only": "stock.email", "stock.email": "on"}
        )
        assert time.monotonic() - began < 20
    for each in (shown, answered):
        assert (each.status_code, each["Retry-After"]) == (503, "30")
        assert "Please try again soon" in each.content.decode()
        assert "Probeer asseblief oor ’n rukkie weer" in each.content.decode()
    assert not ChannelChoice.objects.exists()
    assert ask(user, "/en/preferences/").status_code == 200


def test_a_page_whose_reader_is_not_even_known_says_so_too(limits: None) -> None:
    (user,) = people(1, by_email=False)
    client = Client(raise_request_exception=False)
    client.force_login(user)
    limited(lock=1)
    with held("home_user"):
        assert client.get("/en/inbox/").status_code == 503
    assert client.get("/en/inbox/").status_code == 200


@pytest.mark.parametrize("name", ["idle", "transaction"])
def test_a_transaction_that_is_forgotten_is_ended_and_the_next_one_works(limits: None, name: str) -> None:
    (user,) = people(1, by_email=False)
    limited(**{name: 1})

    @transaction.atomic
    def change_slowly() -> None:
        User.objects.filter(pk=user.pk).update(first_name="Sipho")
        time.sleep(1.5)
        User.objects.filter(pk=user.pk).update(last_name="Dube")

    with pytest.raises((InternalError, OperationalError)) as caught:
        change_slowly()
    assert is_passing(caught.value)
    connection.close()
    user.refresh_from_db()
    assert user.first_name == "Thandi"


def test_work_that_is_cut_off_is_done_later_and_once(site: Site, smtp_server: SmtpServer) -> None:
    users = people(20)
    with_a_dose(users, ago=timedelta(minutes=1))
    the_minute_comes()
    with held("notifications_notification"):
        consumer = site.start_consumer(limits={"lock": 1})
        failed = EventRecord.objects.filter(failures__gt=0, finished_at__isnull=True)
        wait_until(failed.exists, what="the fan-out was cut off")
    assert "lock timeout" in failed.values_list("error", flat=True)[0]

    wait_until(all_dealt_with, what="all is dealt with")

    assert consumer.poll() is None
    assert told() == ids(users)
    assert smtp_server.addressees() == addresses(users)
    assert smtp_server.copies() == []


def test_while_a_transaction_is_open_elsewhere_work_goes_on_and_its_age_is_told(
    site: Site, smtp_server: SmtpServer
) -> None:
    users = people(20)
    with_a_dose(users, ago=timedelta(minutes=1))
    the_minute_comes()
    with somebody_else() as elsewhere:
        elsewhere.execute("SELECT count(*) FROM notifications_notification")
        site.start_consumer()
        wait_until(all_dealt_with, what="all is dealt with")
        time.sleep(1)
        found = transactions()
        elsewhere.rollback()
    assert found is not None and found.oldest_seconds >= 1
    assert told() == ids(users)
    assert smtp_server.addressees() == addresses(users)
    ended = transactions()
    assert ended is not None and ended.oldest_seconds < found.oldest_seconds


def test_a_migration_that_waits_lets_everybody_by_and_comes_back(limits: None) -> None:
    limited(lock=1)
    said: list[str] = []
    let_by: list[int] = []

    def read() -> None:
        """A page, while the migration is at it for the first, second or third time."""
        with somebody_else() as reader:
            reader.execute("SELECT count(*) FROM notifications_notification")
            let_by.append(len(said))

    def migrate() -> None:
        page = threading.Timer(0.3, read)
        page.start()
        try:
            with connection.cursor() as cursor:
                cursor.execute("ALTER TABLE notifications_notification ADD COLUMN tried integer")
        finally:
            page.join()

    def say(words: str) -> None:
        said.append(words)
        if len(said) == 2:
            elsewhere.rollback()

    with somebody_else() as elsewhere:
        elsewhere.execute("SELECT count(*) FROM notifications_notification")
        try:
            migrate_patiently(migrate, say=say, wait=0.1)
        finally:
            _drop_column()
    assert [words.split(";")[0] for words in said] == ["A table is in use"] * 2
    assert let_by == [0, 1, 2]


def _drop_column() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE notifications_notification DROP COLUMN IF EXISTS tried")


def test_an_index_that_is_made_beside_the_work_waits_for_whoever_is_before_it(limits: None) -> None:
    limited(lock=1)
    index = models.Index(fields=["title"], name="tried_beside")
    operation = AddIndexBeside("notification", index)
    state = ProjectState.from_apps(Notification._meta.apps)
    with somebody_else() as elsewhere:
        elsewhere.execute("LOCK TABLE notifications_notification IN ROW EXCLUSIVE MODE")  # as who writes
        end = threading.Timer(2.5, elsewhere.rollback)
        end.start()
        try:
            with connection.schema_editor(atomic=False) as editor:
                operation.database_forwards("notifications", editor, state, state)
            assert setting("lock_timeout") == "1s"
            with connection.cursor() as cursor:
                cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = 'tried_beside'::regclass")
                assert cursor.fetchone() == (True,)
        finally:
            end.join()
            with connection.cursor() as cursor:
                cursor.execute("DROP INDEX IF EXISTS tried_beside")
