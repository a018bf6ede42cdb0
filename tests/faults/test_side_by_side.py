"""More than one consumer, or one that is told to stop while there is much to do."""

import signal
import time
from collections import Counter
from datetime import timedelta

from notifications.models import ConsumerHeartbeat, PeriodicRun
from notifications.work import periodic
from site_config.supervisor import GRACE
from tests.faults.cast import ids, mail_is_sent, people, the_minute_comes, told, with_a_dose
from tests.faults.smtp_server import SmtpServer, addresses
from tests.faults.stack import Site, wait_until


def test_two_consumers_in_one_minute_tell_of_each_dose_once_and_run_each_slot_once(
    site: Site, smtp_server: SmtpServer
) -> None:
    users = people(200)
    with_a_dose(users, ago=timedelta(minutes=1))
    names = [task.name for task in periodic.declared()]
    the_minute_comes(of=names, since=timedelta(days=8))

    site.start_consumer(lease=60.0)
    site.start_consumer(lease=60.0)

    wait_until(lambda: mail_is_sent(200), what="the mail is sent")
    wait_until(lambda: ConsumerHeartbeat.objects.count() == 2, what="both were at work")
    wait_until(lambda: not PeriodicRun.objects.filter(finished_at=None).exists(), what="each slot has run")
    assert told() == ids(users)
    assert smtp_server.addressees() == addresses(users)
    assert smtp_server.copies() == []
    runs = Counter(PeriodicRun.objects.values_list("task__name", "slot", "attempts", "state"))
    assert {name for name, *_ in runs} == set(names)
    failed = PeriodicRun.objects.exclude(state=PeriodicRun.State.DONE).values_list(
        "task__name", "result", "error"
    )
    assert list(failed) == []
    assert {(attempts, state) for *_, attempts, state in runs} == {(1, PeriodicRun.State.DONE)}


def test_told_to_stop_under_load_it_stops_in_time_loses_nothing_and_repeats_nothing(
    site: Site, smtp_server: SmtpServer
) -> None:
    users = people(200)
    with_a_dose(users, ago=timedelta(minutes=1))
    the_minute_comes()
    smtp_server.seconds_each = 0.1
    consumer = site.start_consumer(lease=60.0)
    wait_until(lambda: len(smtp_server.mails) > 2, what="it is in the midst of sending")

    consumer.send(signal.SIGTERM)
    asked = time.monotonic()
    wait_until(lambda: consumer.poll() is not None, what="the consumer stops")

    assert time.monotonic() - asked < GRACE
    assert consumer.poll() == 0
    smtp_server.seconds_each = 0.0
    site.start_consumer(lease=60.0)
    wait_until(lambda: mail_is_sent(200), what="the rest is sent, without waiting for a lease to end")
    assert told() == ids(users)
    assert smtp_server.addressees() == addresses(users)
    assert smtp_server.copies() == []
