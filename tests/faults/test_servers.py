"""PostgreSQL goes and comes back: whoever had a connection gets another one, and goes on."""

import signal
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import psycopg
import pytest
from django.db import connection
from psycopg_pool import ConnectionPool
from redis import Redis
from redis.exceptions import OutOfMemoryError

from notifications.event_types import ANNOUNCEMENT
from notifications.models import ConsumerHeartbeat, Delivery, EventRecord, Notification
from site_config import silence
from tests.faults import many_recipients, web
from tests.faults.cast import all_dealt_with, ids, mail_is_sent, people, the_minute_comes, told, with_a_dose
from tests.faults.own_database import moved_to
from tests.faults.proxied import database, through
from tests.faults.proxy import Fault, Proxy, postgresql
from tests.faults.smtp_server import SmtpServer, addresses
from tests.faults.stack import Site, a_second_later, wait_until
from tests.services import Server, copy_database, postgres, redis_server

AGAIN_WITHIN = 120.0
"""Seconds in which what a broken connection left behind is taken up again."""


@dataclass(frozen=True)
class Stack:
    """A site on a PostgreSQL of its own."""

    server: Server
    site: Site
    web: web.Web


@pytest.fixture
def stack(environment: dict[str, str], site: Site, smtp_server: SmtpServer) -> Iterator[Stack]:
    # One that waits for its disk: what it has confirmed has to be there after a crash.
    with postgres(durable=True) as server, moved_to(server.url):
        copy_database(environment["DATABASE_URL"], server.url)
        own = {**environment, "DATABASE_URL": server.url}
        own_site = Site(own)
        try:
            with web.running(own) as running:
                yield Stack(server, own_site, running)
        finally:
            own_site.close()


def test_a_database_that_is_restarted_in_mid_batch_loses_nothing_and_repeats_no_more_than_was_in_flight(
    stack: Stack, smtp_server: SmtpServer
) -> None:
    users = people(100)
    with_a_dose(users, ago=timedelta(minutes=1))
    clinic = many_recipients.staff(12_000, with_mail=False)
    visitor = stack.web.visitor(users[0])
    assert visitor.get("/en/today/").is_well
    smtp_server.seconds_each = 0.02
    the_minute_comes()
    consumer = stack.site.start_consumer()
    wait_until(lambda: len(smtp_server.mails) > 5, what="it is in the midst of sending")
    announcement = many_recipients.announce(clinic, by=users[0])
    messages = Notification.objects.filter(event_type=ANNOUNCEMENT)
    wait_until(messages.exists, what="it is in the midst of a fan-out")

    stack.server.stop(by=signal.SIGQUIT)
    connection.close()
    stack.server.start()

    assert visitor.get("/en/today/").is_well
    assert visitor.post("/en/preferences/", part="channels", only="stock.email").is_well
    wait_until(all_dealt_with, AGAIN_WITHIN, what="all is dealt with")
    assert consumer.poll() is None
    assert mail_is_sent(100)
    assert told(event_type="medication.dose_due") == ids(users)
    assert told(event_type=ANNOUNCEMENT).total() == len(told(event_type=ANNOUNCEMENT)) == 12_000
    announcement.refresh_from_db()
    assert announcement.recipients == 12_000
    assert smtp_server.addressees() == addresses(users)
    assert len(smtp_server.copies()) <= 1


def test_a_worker_whose_connection_breaks_goes_on_with_another(site: Site, smtp_server: SmtpServer) -> None:
    users = people(60)
    busy, idle = users[:40], users[40:]
    smtp_server.seconds_each = 0.02
    consumer = site.start_consumer(lease=2.0)
    wait_until(ConsumerHeartbeat.objects.exists, what="the consumer is at work")
    assert site.run("publish", user_ids=[user.pk for user in busy]) == 0
    breaks = 0
    while breaks < 2:
        sent = len(smtp_server.mails)
        wait_until(lambda: len(smtp_server.mails) > sent + 5, what="some more mail")  # noqa: B023 - it ends within
        breaks += _break_all_connections() > 0
    wait_until(lambda: mail_is_sent(40), what="the mail is sent")

    assert _break_all_connections()
    assert site.run("publish", user_ids=[user.pk for user in idle]) == 0

    wait_until(lambda: mail_is_sent(60), what="the rest is sent")
    assert consumer.poll() is None
    assert told() == ids(users)
    assert smtp_server.addressees() == addresses(users)
    assert len(smtp_server.copies()) <= breaks
    assert set(Delivery.objects.values_list("failures", flat=True)) == {0}
    assert set(EventRecord.objects.values_list("failures", flat=True)) == {0}


def test_a_worker_that_outlives_its_connection_does_not_wait_for_its_lease(
    site: Site, smtp_server: SmtpServer
) -> None:
    users = people(40)
    smtp_server.seconds_each = 0.1
    consumer = site.start_consumer(lease=600.0)
    wait_until(ConsumerHeartbeat.objects.exists, what="the consumer is at work")
    assert site.run("publish", user_ids=[user.pk for user in users]) == 0
    wait_until(lambda: told() == ids(users), what="all are told in the inbox")
    for _ in range(3):
        sent = len(smtp_server.mails)
        wait_until(lambda: len(smtp_server.mails) > sent + 3, what="some more mail")  # noqa: B023 - it ends within
        assert _break_all_connections()

    wait_until(lambda: mail_is_sent(40), what="the mail is sent")
    assert consumer.poll() is None
    assert smtp_server.addressees() == addresses(users)
    assert len(smtp_server.copies()) <= 3
    assert set(Delivery.objects.values_list("crashes", "failures")) == {(0, 0)}


def test_when_all_connections_of_a_process_break_the_next_page_has_one_at_once(
    environment: dict[str, str], transactional_db: None
) -> None:
    """One by one they would be tried with longer and longer waits between."""
    tried = []

    def check(there: silence.Connection) -> None:
        tried.append(there)
        ConnectionPool.check_connection(there)

    with ConnectionPool(
        environment["DATABASE_URL"],
        connection_class=silence.Connection,
        check=check,
        min_size=5,
        open=True,
    ) as pool:
        pool.wait()
        assert _break_all_connections() >= 5
        wait_until(lambda: not _break_all_connections(), what="they are gone")
        with pool.connection() as there:
            assert there.execute("SELECT 1").fetchone() == (1,)
    assert len(tried) <= 2, "the first one that was broken, and the new one"


def test_a_statement_that_nobody_answers_is_given_up_and_its_connection_with_it(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = environment["DATABASE_URL"]
    monkeypatch.setattr(silence.Connection, "answer_within", 0.3)
    with Proxy(database(url), postgresql).running() as proxy:
        there = silence.Connection.connect(through(url, proxy), autocommit=True)
        assert there.execute("SELECT 1").fetchone() == (1,)
        with pytest.raises(psycopg.errors.DivisionByZero):
            there.execute("SELECT 1 / 0")
        assert there.execute("SELECT 2").fetchone() == (2,)
        proxy.begin(Fault.SILENT, seed=1, gap=(1, 1))
        with pytest.raises(psycopg.OperationalError, match="says nothing"):
            there.execute("SELECT 3")
        assert there.closed


def _break_all_connections() -> int:
    """Those of others; how many there were."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        count: int = cursor.fetchone()[0]
    return count


def test_a_redis_that_is_full_holds_up_what_it_refuses_and_loses_nothing(
    environment: dict[str, str], site: Site, smtp_server: SmtpServer
) -> None:
    """It refuses what would make it larger (OOM, `maxmemory` with `noeviction`), and answers all else."""
    before, meanwhile = people(5), people(5)
    with_a_dose(before, ago=timedelta(minutes=1))
    with redis_server() as server, Redis.from_url(server.url) as full:
        own = {**environment, "REDIS_URL": server.url}
        own_site = Site(own)
        try:
            consumer = own_site.start_consumer()
            with web.running(own) as pages:
                visitor = pages.visitor(before[0])
                assert visitor.get("/en/today/").is_well
                full.config_set("maxmemory-policy", "noeviction")
                full.config_set("maxmemory", 1)
                with pytest.raises(OutOfMemoryError):
                    full.set("one", "more")
                the_minute_comes()
                assert own_site.run("publish", user_ids=[user.pk for user in meanwhile]) == 0
                answers = [
                    visitor.get("/en/today/"),
                    visitor.post("/en/preferences/", part="channels", only="stock.email"),
                    pages.stranger().get("/en/accounts/login/"),
                ]
                wait_until(a_second_later(), what="a minute of the consumer has gone by")
                full.config_set("maxmemory", 0)
                assert all(answer.is_well for answer in answers), answers
            wait_until(lambda: mail_is_sent(10), AGAIN_WITHIN, what="what waited is sent")
            assert consumer.poll() is None
        finally:
            own_site.close()
    assert told() == ids(before + meanwhile)
    assert smtp_server.addressees() == addresses(before + meanwhile)
    assert smtp_server.copies() == []
