"""The site in a process that forks: consumers to be killed, and publishers that die.

Loading the site takes seconds, forking what is loaded milliseconds; so this process loads it once and forks each
consumer, which then is `manage.py run_huey` to the letter. What differs from real life is all in `consume`: leases,
time-outs and waits are seconds, the tick of the minute comes every second, and a signal sets the clock.

It is driven by lines of JSON (see tests.faults.stack): `["fork", name, options]` runs one of the functions below in a
process of its own and answers its id; `["poll", id]` answers its exit code, or null while it runs.
"""

import fcntl
import json
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import django
import time_machine

django.setup()

from django.conf import settings  # noqa: E402 - models can be imported from here on
from django.core.management import call_command  # noqa: E402
from django.db import connection, connections, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402
from huey.contrib.djhuey import HUEY, db_task  # noqa: E402

from events.services.generation import generate  # noqa: E402
from home import tasks as letters  # noqa: E402
from home.models import Clinic, ClockChange  # noqa: E402
from notifications import bus, tasks  # noqa: E402
from notifications.channels import registry as channels  # noqa: E402
from notifications.channels.email.channel import EmailChannel  # noqa: E402
from notifications.channels.push.channel import PushChannel  # noqa: E402
from notifications.models import Delivery, EventRecord, InboundMessage, ListenerCall, PeriodicRun  # noqa: E402
from notifications.pipeline import batch  # noqa: E402
from notifications.work.sweep import sweep  # noqa: E402
from notifications.work.wakeups import URGENT, answers_to, wake  # noqa: E402
from site_config.database_limits import limit_connections  # noqa: E402
from site_config.environment import DATABASE_LIMITS_WORK  # noqa: E402
from site_config.silence import Connection, limit_answers  # noqa: E402
from site_config.supervisor import die_with_parent  # noqa: E402
from tests.faults import crash_storm  # noqa: E402
from tests.notifications.channels.counterpart import ACCOUNT, TOKEN  # noqa: E402
from tests.notifications.channels.sms.gateways import API_KEY, USERNAME  # noqa: E402

TICK_EVERY = 1.0
SENDER = "+27105550100"
JUMP = timedelta(hours=1)
FORWARD, BACK = signal.SIGUSR1, signal.SIGUSR2
"""Signals that set a consumer's clock, and no other one's: it then goes on from there."""


def consume(
    *,
    lease: float,
    timeout: float,
    retry: float,
    silence: float,
    unhurried: bool,
    gateways: str,
    changed: Mapping[str, Any],
    limits: Mapping[str, int] | None,
) -> None:
    """Be a consumer, until TERM. A lease lasts so long, one send, and the wait before a failed one is tried again.
    Unhurried, it looks at nothing anew and gives nothing back, however slow the machine is.

    A database or a queue that says nothing for as long as `silence` is given up; without it, as in real life.
    `gateways` is where the SMS providers are; without it SMS go to files. What is `changed` of the
    settings counts last. The database cuts it off at these `limits`; without them, at those of any consumer.
    """
    limit_connections(DATABASE_LIMITS_WORK if limits is None else limits)
    if gateways:
        _use(gateways)
    for name, each in changed.items():
        setattr(settings, name, each)
    channels.outside.cache_clear()
    for model in (EventRecord, ListenerCall, Delivery, PeriodicRun, InboundMessage, ClockChange):
        model.LEASE = timedelta(seconds=lease)
    for channel in channels.outside().values():
        type(channel).longest_send = lease / 2  # as in real life
    if unhurried:
        batch.FRESH = batch.TURN = 600.0
    EmailChannel.timeout = timeout
    PushChannel.timeout = timeout, timeout
    settings.SMS_TIMEOUT = timeout
    settings.NOTIFICATION_RETRY_SECONDS = [retry] * 100
    letters.AGAIN_AFTER = retry
    settings.DEBUG = False  # which would keep every query
    limit_answers()
    if silence:
        Connection.answer_within = silence
        HUEY.storage.read_timeout = silence / 2
        if settings.REDIS_URL:
            HUEY.storage.pool.connection_kwargs["socket_timeout"] = silence
    if not settings.REDIS_URL:
        HUEY.storage.initialize_schema()  # as loading the site does: the file may be gone since
    signal.signal(FORWARD, lambda *_: _jump(JUMP))
    signal.signal(BACK, lambda *_: _jump(-JUMP))
    threading.Thread(target=_tick, daemon=True).start()
    call_command("run_huey")


def _use(gateways: str) -> None:
    """Send SMS by both providers, which are to be found there."""
    settings.SMS_PROVIDERS = ["africastalking", "twilio"]
    settings.AFRICASTALKING_URL = settings.TWILIO_URL = gateways
    settings.AFRICASTALKING_USERNAME, settings.AFRICASTALKING_API_KEY = USERNAME, API_KEY
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, settings.TWILIO_FROM = ACCOUNT, TOKEN, SENDER


@answers_to("minute")
@db_task(priority=URGENT)
def minute() -> None:
    """What a minute brings, but for the slots that really are a minute apart; the sweep is one of those."""
    tasks.tick.call_local()
    sweep(now=timezone.now())


def publish(*, user_ids: Sequence[int], deadly_in: str = crash_storm.HARMLESS) -> None:
    """Publish a crash storm for each of these people, as a web request does."""
    for user_id in user_ids:
        bus.publish(crash_storm.NAME, {"user_id": user_id, "deadly_in": deadly_in})


def publish_and_die(*, user_ids: Sequence[int]) -> None:
    """Die between the commit of the publication and the word to the queue."""
    with transaction.atomic():
        transaction.on_commit(crash_storm.die)
        publish(user_ids=user_ids)


def change_zone_and_die(*, clinic_id: int, zone: str) -> None:
    """Die between the commit of a clinic's other zone and whatever follows it."""
    with transaction.atomic():
        transaction.on_commit(crash_storm.die)
        clinic = Clinic.objects.get(pk=clinic_id)
        clinic.timezone = zone
        clinic.save()


def generate_events(*, gate: str, now: str) -> None:
    """Make the occurrences of all series, as soon as nobody holds this file any more."""
    connection.ensure_connection()
    with open(gate) as file:
        Path(f"{gate}.{os.getpid()}").touch()
        fcntl.flock(file, fcntl.LOCK_SH)
        generate(now=datetime.fromisoformat(now))


FUNCTIONS: dict[str, Callable[..., None]] = {
    each.__name__: each for each in (consume, publish, publish_and_die, change_zone_and_die, generate_events)
}


def main() -> None:
    crash_storm.register()
    # Nothing that is open may be shared with those who are forked.
    connections.close_all()
    HUEY.storage.close()
    children: set[int] = set()
    for line in sys.stdin:
        command, *arguments = json.loads(line)
        if command == "fork":
            child = _fork(*arguments)
            children.add(child)
            _answer(child)
        else:
            ended, status = os.waitpid(arguments[0], os.WNOHANG)
            children.discard(ended)
            _answer(os.waitstatus_to_exitcode(status) if ended else None)
    for child in children:
        os.kill(child, signal.SIGKILL)


def _fork(name: str, options: Mapping[str, Any]) -> int:
    promise = die_with_parent(os.getpid())
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        if promise:
            promise()
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # standard output carries the answers
        FUNCTIONS[name](**options)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _answer(value: object) -> None:
    print(json.dumps(value), flush=True)


def _tick() -> None:
    while True:
        time.sleep(TICK_EVERY)
        wake("minute")


def _jump(by: timedelta) -> None:
    # All clocks of this process but the monotonic one, Huey's too. Jumps add up.
    time_machine.travel(datetime.now(UTC) + by, tick=True).start()


if __name__ == "__main__":
    main()
