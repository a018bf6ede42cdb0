"""On SQLite one writer at a time: somebody who takes long holds up all others, and loses nothing for them."""

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection

from medications.models import Dose
from tests.faults.cast import ids, mail_is_sent, people, the_minute_comes, told, with_a_dose
from tests.faults.smtp_server import SmtpServer, addresses
from tests.faults.stack import Site, wait_until
from tests.faults.web import running

HELD_FOR = 10.0

_HOLD = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()
database.execute("ROLLBACK")
database.close()
"""


@contextmanager
def held() -> Iterator[None]:
    """Another process writes, and takes its time."""
    command = [sys.executable, "-c", _HOLD, str(connection.settings_dict["NAME"])]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield
        process.stdin.close()


def test_a_database_that_another_process_holds_for_ten_seconds_loses_nothing_and_fails_no_page(
    site: Site, environment: dict[str, str], smtp_server: SmtpServer
) -> None:
    users = people(20)
    with_a_dose(users, ago=timedelta(minutes=1))
    (later,) = with_a_dose(users[:1], ago=timedelta(minutes=-30))
    consumer = site.start_consumer(lease=60.0)
    with running(environment) as web, ThreadPoolExecutor() as browsers:
        thandi, pieter = web.visitor(users[0]), web.visitor(users[1])
        the_minute_comes()
        with held():
            began = time.monotonic()
            answers = [
                browsers.submit(thandi.post, f"/en/doses/{later.pk}/take/"),
                browsers.submit(pieter.post, "/en/preferences/", part="channels", only="stock.email"),
            ]
            assert thandi.get("/en/today/").is_well
            wait_until(lambda: time.monotonic() - began >= HELD_FOR, what="it is held long enough")
            assert not any(answer.done() for answer in answers)
        written = [answer.result() for answer in answers]

    assert all(answer.is_well for answer in written), written
    assert consumer.poll() is None
    later.refresh_from_db()
    assert later.state == Dose.State.TAKEN
    wait_until(lambda: mail_is_sent(20), what="the mail is sent")
    assert told() == ids(users)
    assert smtp_server.addressees() == addresses(users)
    assert smtp_server.copies() == []
