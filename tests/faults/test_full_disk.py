"""The disk of the database is full: pages are read, nothing is written, and all is done once there is room."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.utils import timezone

from medications.services.reminders import send_dose_reminders
from notifications.models import ConsumerHeartbeat, EventRecord, Notification
from notifications.scheduler import NotificationScheduler
from tests.faults import web
from tests.faults.cast import all_dealt_with, ids, mail_is_sent, people, the_minute_comes, told, with_a_dose
from tests.faults.own_database import moved_to
from tests.faults.small_disk import SmallDisk, small_disk
from tests.faults.smtp_server import SmtpServer, addresses
from tests.faults.stack import Site, wait_until
from tests.services import copy_database, postgres

AGAIN_WITHIN = 120.0
"""Seconds in which what was refused is done, once there is room."""


@dataclass(frozen=True)
class Stack:
    disk: SmallDisk
    site: Site
    web: web.Web


@pytest.fixture
def stack(environment: dict[str, str], site: Site, smtp_server: SmtpServer) -> Iterator[Stack]:
    with small_disk() as disk, postgres() as server:
        tables = disk.path / "tables"
        tables.mkdir()
        owner = owner_of(server.url)
        os.chown(tables, owner.st_uid, owner.st_gid)
        disk.path.chmod(0o755)
        url = f"{server.url.rpartition('/')[0]}/small"
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute(f"CREATE TABLESPACE small LOCATION '{tables}'")
            connection.execute("CREATE DATABASE small TABLESPACE small")
        with moved_to(url):
            copy_database(environment["DATABASE_URL"], url)
            own_site = Site({**environment, "DATABASE_URL": url})
            try:
                with web.running({**environment, "DATABASE_URL": url}) as running:
                    yield Stack(disk, own_site, running)
            finally:
                own_site.close()


def owner_of(url: str) -> os.stat_result:
    """Whose process this server is, by the one that answers us: it ends with the connection."""
    with psycopg.connect(url) as connection:
        return Path(f"/proc/{connection.info.backend_pid}").stat()


def test_while_the_disk_is_full_pages_are_read_and_what_waits_is_done_once_there_is_room(
    stack: Stack, smtp_server: SmtpServer
) -> None:
    users = people(600)
    with_a_dose(users, ago=timedelta(minutes=1))
    visitor = stack.web.visitor(users[0])
    assert visitor.get("/en/today/").is_well
    send_dose_reminders(now=timezone.now())
    NotificationScheduler().schedule_notification(
        recipients=[user.pk for user in users[:50]],
        title="We are closed on Friday",
        message="Come on Monday.",
        notif_type="medication",
        scheduled_at=timezone.now() + timedelta(hours=1),
    )
    Notification.objects.update(scheduled_at=timezone.now())
    the_minute_comes(of=())
    stack.disk.fill()

    consumer = stack.site.start_consumer()

    doses = EventRecord.objects.filter(event_type="medication.dose_due")
    refused = doses.filter(error__contains="No space left")
    wait_until(refused.exists, what="a fan-out was refused")
    assert visitor.get("/en/today/").is_well
    assert consumer.poll() is None
    assert not doses.filter(finished_at__isnull=False).exists()
    assert set(doses.values_list("failures", "crashes")) == {(0, 0)}
    said = set(refused.values_list("error", flat=True))
    assert {each.partition(" file")[0] for each in said} == {"OperationalError: could not extend"}
    assert "COPY" not in "".join(said), "it says nothing of whose message it was at"
    assert not Notification.objects.exclude(scheduled_status=Notification.Status.PENDING).exists()

    stack.disk.free()

    wait_until(all_dealt_with, AGAIN_WITHIN, what="all is dealt with")
    assert consumer.poll() is None
    assert ConsumerHeartbeat.objects.exists()
    everybody = users + users[:50]
    wait_until(lambda: mail_is_sent(len(everybody)), what="what was scheduled is sent too")
    assert told() == ids(everybody)
    assert smtp_server.addressees() == addresses(everybody)
    assert smtp_server.copies() == []
