"""A worker that outlives its lease, and how long real leases make people wait."""

import signal
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from django.db import connection

from notifications.models import Delivery, EventRecord, ListenerCall, PeriodicRun, Work
from tests.faults.cast import ids, mail_is_sent, people, the_minute_comes, told, with_a_dose
from tests.faults.smtp_server import SmtpServer, addresses
from tests.faults.stack import Process, Site, wait_until

MINUTE = timedelta(minutes=1)
"""How often the sweep looks for what nobody finished."""


def test_what_a_worker_says_after_its_lease_counts_for_nothing(site: Site, smtp_server: SmtpServer) -> None:
    users = people(10)
    with_a_dose(users, ago=timedelta(minutes=1))
    the_minute_comes()
    smtp_server.holds = True
    late = site.start_consumer(lease=2.0, timeout=60.0)
    wait_until(lambda: smtp_server.held, what="the first mail is on its way")
    stop_between_writes(late)
    smtp_server.holds = False

    site.start_consumer(lease=2.0)
    wait_until(lambda: mail_is_sent(10), what="another has sent all")
    rows = list(Delivery.objects.order_by("id").values())
    late.send(signal.SIGCONT)
    late.send(signal.SIGTERM)
    wait_until(lambda: late.poll() is not None, what="the late one has come to its end")

    assert late.poll() == 0
    assert list(Delivery.objects.order_by("id").values()) == rows
    assert smtp_server.addressees() == addresses(users)
    assert smtp_server.copies() == smtp_server.held
    assert told() == ids(users)


def stop_between_writes(process: Process) -> None:
    """Stop it, but on SQLite not while one of its other threads writes: then nobody could."""
    process.send(signal.SIGSTOP)
    while connection.vendor == "sqlite" and not may_write():
        process.send(signal.SIGCONT)
        wait_until(may_write, what="it has written")
        process.send(signal.SIGSTOP)


def may_write() -> bool:
    with closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=0.2)) as database:
        try:
            database.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
    return True


@pytest.mark.parametrize("model", [EventRecord, ListenerCall, Delivery, PeriodicRun])
def test_what_a_dead_worker_held_is_found_within_two_minutes(model: type[Work]) -> None:
    assert timedelta(seconds=120) >= model.LEASE + MINUTE
