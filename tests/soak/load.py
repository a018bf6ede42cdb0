"""What goes on at a clinic, minute by minute: doses fall due and are answered, messages are sent, pages are read."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import count, cycle

from django.db import connection
from django.db.models import Exists, OuterRef
from django.utils import timezone

from home.models import User
from medications.models import Dose
from notifications.models import ChannelChoice, Notification
from tests.faults.cast import people, with_a_dose
from tests.faults.web import Answer, Visitor
from tests.stacks.stack import Stack
from tests.stacks.visitors import a_program, cookie_of, schedule

PAGES = ("/en/today/", "/en/inbox/", "/en/preferences/", "/en/medicines/")
READERS = 2
LOOK_EVERY = 0.5


@dataclass(frozen=True, slots=True)
class Load:
    """Each minute so many doses fall due, and so many people get a message; so many pages are asked for a second."""

    doses: int = 120
    messages: int = 60
    pages: float = 4.0


@dataclass
class Clinic:
    """Whoever is told something, and what went on so far."""

    patients: list[User] = field(default_factory=list)
    doses: list[Dose] = field(default_factory=list)
    messages: Counter[int] = field(default_factory=Counter)
    """How many messages were scheduled for each person, by their ids."""
    pages: int = 0
    refused: list[str] = field(default_factory=list)
    """Pages and answers that weren't well."""

    def falls_due(self, number: int, *, after: timedelta) -> None:
        """So many people with a dose each, due so long from now, and told by e-mail and SMS too."""
        users = people(number)
        for each, user in enumerate(users, len(self.patients)):
            user.phone, user.phone_verified_at = f"+2782{each:07}", timezone.now()
        User.objects.bulk_update(users, ["phone", "phone_verified_at"])
        choices = [("medication", "sms", True), ("system", "email", False)]
        ChannelChoice.objects.bulk_create(
            [
                ChannelChoice(user=user, category=category, channel=channel, on=on)
                for user in users
                for category, channel, on in choices
            ]
        )
        self.patients += users
        self.doses += with_a_dose(users, ago=-after)


@contextmanager
def under_way(clinic: Clinic, stack: Stack, load: Load) -> Iterator[None]:
    """Until what is inside is over, pages are asked for, doses that were told of are taken, and messages scheduled."""
    over = threading.Event()
    works = [*[_read] * READERS, _answer, *([_schedule] if load.messages else [])]
    threads = [
        threading.Thread(target=work, args=(clinic, stack, load, over, place), daemon=True)
        for place, work in enumerate(works)
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def _read(clinic: Clinic, stack: Stack, load: Load, over: threading.Event, place: int) -> None:
    """One page after the other, at a steady pace."""
    readers = cycle([_visitor(stack, user) for user in clinic.patients[place::READERS][:20]])
    begun = time.monotonic()
    for number, path in zip(count(1), cycle(PAGES), strict=False):
        if over.wait(max(0.0, begun + number * READERS / load.pages - time.monotonic())):
            break
        _note(clinic, path, partial(next(readers).get, path))
    connection.close()


def _answer(clinic: Clinic, stack: Stack, load: Load, over: threading.Event, place: int) -> None:
    """Whoever was told, by every way, takes the dose: what is answered before is rightly not sent any more."""
    people_of = {dose.pk: user for dose, user in zip(clinic.doses, clinic.patients, strict=True)}
    reminders = Notification.objects.filter(related_object_type="dose", related_object_id=OuterRef("pk"))
    while not over.wait(LOOK_EVERY):
        told = Dose.objects.filter(
            Exists(reminders),
            ~Exists(reminders.filter(deliveries__finished_at=None)),
            pk__in=people_of,
            state=Dose.State.SCHEDULED,
        )
        for pk in told.values_list("pk", flat=True)[:20]:
            path = f"/en/doses/{pk}/take/"
            _note(clinic, path, partial(_visitor(stack, people_of[pk]).post, path))
    connection.close()


def _schedule(clinic: Clinic, stack: Stack, load: Load, over: threading.Event, place: int) -> None:
    """Messages of a program for the minute after the next full one, once a minute."""
    token = a_program()
    groups = cycle(range(0, len(clinic.patients), load.messages))
    while not over.wait(60 - time.time() % 60):
        some = clinic.patients[(first := next(groups)) : first + load.messages]
        minute = timezone.now().replace(second=0, microsecond=0) + timedelta(minutes=1)
        schedule(stack, some, minute, token)
        clinic.messages.update(user.pk for user in some)
    connection.close()


def _visitor(stack: Stack, user: User) -> Visitor:
    return Visitor(stack.port, cookie_of(user).removeprefix("sessionid="))


def _note(clinic: Clinic, path: str, ask: Callable[[], Answer]) -> None:
    """Ask, and count it."""
    try:
        answer = ask()
    except OSError as error:
        clinic.refused.append(f"{path}: {error!r}")
        return
    clinic.pages += 1
    if not answer.is_well:
        clinic.refused.append(f"{path}: {answer.status}")
