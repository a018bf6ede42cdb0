"""Doses due in the midst of an announcement to a million people, next to as many with nothing else to do.

One thread fans the announcement out, as the one worker of a consumer that deals with what isn't urgent; another of the
same process does what the minute does: claims the doses that are due and fans them out. `seconds` are those from when a
hundred doses are due to when the last of them is in its inbox: the median and the most, alone and amid the
announcement. Rates are doses a second, amid at its slowest.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median

from django.db import connection
from django.utils import timezone

from home.models import CareRole, Patient, Relation, User
from medications.models import Dose
from medications.services.reminders import send_dose_reminders
from notifications import bus
from notifications.event_types import ANNOUNCEMENT
from notifications.models import Notification
from notifications.pipeline.fan_out import fan_out
from notifications.tasks import settle
from tests.bench._copies import copies
from tests.bench._result import Goal, Result
from tests.bench.fan_out import people_and_doses

GOALS = (
    Goal(
        "seconds at most to an inbox amid an announcement to a million people",
        at_most=5,
        figure=lambda run: run.more["seconds"]["amid"][1],
    ),
)


@dataclass(frozen=True, slots=True)
class Size:
    """`people` are told something while so many doses are due every few seconds, so often."""

    people: int = 1_000_000
    doses: int = 100
    times: int = 10
    every: float = 5.0


LONGEST = 60.0
"""Seconds after which something is wrong."""

SMALL = Size(people=200, doses=5, times=2, every=0)


def run(size: Size) -> Result:
    """Each time alone, then each time amid the announcement, for as long as it is being fanned out."""
    settle()
    people_and_doses(size.doses)
    _crowd(size.people)
    Dose.objects.update(next_reminder_at=None)
    _seconds(size.doses)  # caches
    alone = [_seconds(size.doses) for _ in range(size.times)]
    texts = {"en": "The clinic is closed on Friday", "af": "Die kliniek is Vrydag gesluit"}
    said = {"title": texts, "message": texts, "audiences": ["patients"], "within": {}, "announced_by": 0}
    bus.publish(ANNOUNCEMENT, said)
    amid: list[float] = []
    start = time.perf_counter()
    with ThreadPoolExecutor(1) as bulk:
        told = bulk.submit(_tell_all)
        while len(amid) < size.times and not (amid and told.done()):
            time.sleep(size.every)
            amid.append(_seconds(size.doses))
        told.result()
    assert Notification.objects.filter(event_type=ANNOUNCEMENT).count() == size.people + size.doses
    return Result(
        "urgent",
        rows=size.people,
        rate=size.doses / max(amid),
        floor_rate=size.doses / median(alone),
        more={
            "times": len(amid),
            "seconds": {
                name: [round(median(each), 2), round(max(each), 2)]
                for name, each in (("alone", alone), ("amid", amid))
            },
            "announcement_seconds": round(time.perf_counter() - start),
        },
    )


def _tell_all() -> None:
    try:
        while fan_out(now=timezone.now()).records:
            pass
    finally:
        connection.close()


def _seconds(doses: int) -> float:
    """How long it takes from when the doses are due until all of them are in their inboxes."""
    dose_due = Notification.objects.filter(event_type="medication.dose_due")
    before = dose_due.count()
    now = timezone.now()
    Dose.objects.update(
        state=Dose.State.SCHEDULED,
        reminders_sent=0,
        due_at=now.replace(second=0, microsecond=0),
        next_reminder_at=now,
    )
    start = time.perf_counter()
    send_dose_reminders(now=timezone.now())
    while dose_due.count() < before + doses:
        # Another worker may have them in hand: the one that tells the crowd takes what is urgent first.
        fan_out(now=timezone.now())
        assert time.perf_counter() - start < LONGEST
    return time.perf_counter() - start


def _crowd(people: int) -> None:
    """So many more patients with an account, as copies of one."""
    role = CareRole.objects.filter(relation=Relation.SELF).latest("id")
    user, patient = f"{role.user_id} + n", f"{role.patient_id} + n"
    copies(User, people, {"id": user, "email": "'crowd' || n || '@example.org'"}, f"id = {role.user_id}")
    copies(Patient, people, {"id": patient}, f"id = {role.patient_id}")
    copies(
        CareRole,
        people,
        {"id": f"{role.pk} + n", "user_id": user, "patient_id": patient},
        f"id = {role.pk}",
    )
