"""One soak: a stack, a load, samples, and what was told to whom in the end."""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Min
from django.test import override_settings
from django.utils import timezone

from notifications.models import Delivery, EventRecord, Notification
from site_config.environment import BASE_DIR
from tests.faults.cast import the_minute_comes
from tests.soak.judging import Sample, faults
from tests.soak.load import Clinic, Load, under_way
from tests.soak.processes import mib_of
from tests.soak.receivers import Receivers, receivers
from tests.stacks.stack import SECRET_KEY, Stack

PROCESSES = ("web", "live", "consumer")
AFTERWARDS = 150.0
"""Seconds in which all that is due has been told, once nothing new comes."""
DOSES, MESSAGES = "medication.dose_due", "system"


@dataclass(frozen=True, slots=True)
class Soaked:
    """`wrong` is empty where nothing was lost or doubled; `uneven` says what wasn't flat."""

    samples: list[Sample]
    wrong: list[str]
    uneven: list[str]
    doses: int
    messages: int
    pages: int


def soak(seconds: float, load: Load, *, every: float, database: str, folder: Path) -> Soaked:
    """Run the stack on this database, into which this process looks too, and on its own Redis."""
    with override_settings(SECRET_KEY=SECRET_KEY), receivers() as receiving:
        clinic = _clinic(seconds, load)
        environment = {
            "DATABASE_URL": database,
            "REDIS_URL": settings.REDIS_URL,
            **receiving.environment,
        }
        stack = Stack(folder / "stack", environment, PROCESSES, prepared_by=_collect_static)
        try:
            stack.ready()
            samples = _watch(stack, clinic, load, seconds, every)
            wrong = _wrong(clinic, receiving)
            return Soaked(
                samples,
                wrong,
                list(faults(samples)),
                doses=len(clinic.doses),
                messages=clinic.messages.total(),
                pages=clinic.pages,
            )
        finally:
            stack.kill()


def _clinic(seconds: float, load: Load) -> Clinic:
    """Doses for each full minute of this time, and some that are due when the consumer starts."""
    clinic = Clinic()
    clinic.falls_due(load.doses, after=-timedelta(minutes=1))
    begins = timezone.now()
    ends = begins + timedelta(seconds=seconds)
    minute = begins.replace(second=0, microsecond=0) + timedelta(minutes=2)
    while minute < ends:
        clinic.falls_due(load.doses, after=minute - timezone.now())
        minute += timedelta(minutes=1)
    the_minute_comes()
    return clinic


def _collect_static(environment: Mapping[str, str]) -> None:
    """As a start does where DEBUG is off."""
    command = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"]
    subprocess.run(command, cwd=BASE_DIR, env=dict(environment), check=True)


def _watch(stack: Stack, clinic: Clinic, load: Load, seconds: float, every: float) -> list[Sample]:
    samples = []
    begun = time.monotonic()
    with under_way(clinic, stack, load):
        while (at := time.monotonic() - begun) < seconds:
            samples.append(_sample(stack, clinic, at))
            time.sleep(every)
    return samples


def _sample(stack: Stack, clinic: Clinic, at: float) -> Sample:
    now = timezone.now()
    oldest = [
        model.objects.filter(finished_at=None, due_at__lte=now).aggregate(since=Min("due_at"))["since"]
        for model in (EventRecord, Delivery)
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        (sessions,) = cursor.fetchone()
    return Sample(
        at,
        {name: round(mib_of(process.pid), 1) for name, process in stack.processes.items()},
        told=Notification.objects.filter(scheduled_status=Notification.Status.SENT).count(),
        pages=clinic.pages,
        oldest=max(((now - since).total_seconds() for since in oldest if since), default=0.0),
        sessions=sessions,
    )


def _wrong(clinic: Clinic, receiving: Receivers) -> list[str]:
    """Each dose told once in the inbox, by e-mail and by SMS; each message once in the inbox."""
    expected: dict[str, Counter[Any]] = {
        "doses in the inbox": Counter(user.pk for user in clinic.patients),
        "messages in the inbox": clinic.messages,
        "doses by e-mail": Counter(str(user.email) for user in clinic.patients),
        "doses by SMS": Counter(str(user.phone) for user in clinic.patients),
    }

    def found() -> dict[str, Counter[Any]]:
        of_doses = Counter(mail.to for mail in list(receiving.mail.mails))
        return {
            "doses in the inbox": _told(event_type=DOSES),
            "messages in the inbox": _told(event_type=MESSAGES),
            "doses by e-mail": of_doses,
            "doses by SMS": Counter(receiving.texted),
        }

    over = time.monotonic() + AFTERWARDS
    while found() != expected and time.monotonic() < over:
        time.sleep(0.5)
    wrong = [f"Not well: {each}" for each in clinic.refused[:5]]
    for what, counted in found().items():
        if lost := (expected[what] - counted).total():
            wrong.append(f"{lost} {what} of {expected[what].total()} are lost.")
        if doubled := (counted - expected[what]).total():
            wrong.append(f"{doubled} {what} came that should not have.")
    return wrong


def _told(**filters: str) -> Counter[Any]:
    rows = Notification.objects.filter(in_inbox=True, scheduled_status=Notification.Status.SENT, **filters)
    return Counter(rows.values_list("recipient_id", flat=True))
