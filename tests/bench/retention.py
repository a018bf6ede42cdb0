"""Messages are told, claimed and read while old ones are deleted, next to the same undisturbed.

It must hold nobody up: the ratio should be near 1. Half of the rows are messages, half their deliveries. Deletion, as
the periodic task does it but for the pauses between its turns, goes on in a process of its own and stops every other
second, so that what else the machine does meets both alike. `rate` and `floor_rate` are messages a second: one round
tells 200 people (as fan-out writes them), claims as many deliveries and marks them as sent, and reads the first page of
ten inboxes with their badges. `ms` are the median and the 99th percentile of each of these, with and without.

`deletion` says how many rows went, how many a second while it was let, what a step takes with the rest before it, and
the bytes of WAL that were written while a round took place. `age` is what a round takes on tables in which ten
generations were written and deleted, next to empty ones: the medians, as a ratio.
"""

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from random import Random
from statistics import median, quantiles
from typing import Any

from django.db import connection
from django.utils import timezone

from home.models import User
from notifications import privacy
from notifications.models import Delivery, Notification
from notifications.pipeline.insert import Common, CommonDelivery, NewMessage, Own, insert
from notifications.pipeline.retention import clean_up, steps_of
from notifications.selectors.inbox import inbox, unread_count
from notifications.work.leases import claim
from tests.bench._database import disconnect
from tests.bench._result import Result

CHANNEL = "email"
TOLD = 200
READERS = 10
YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Size:
    """`rows` are past their time, and `kept` aren't; half of each are messages. `seconds` is how long is looked."""

    rows: int = 600_000
    kept: int = 200_000
    people: int = 5_000
    seconds: int = 30
    generation: int = 20_000
    rounds: int = 100


SMALL = Size(rows=400, kept=200, people=20, seconds=1, generation=200, rounds=2)


def run(size: Size) -> Result:
    people = _people(size.people)
    site = _Site(people)
    age = _age(site, size)
    _fill(size.rows // 2, people, timezone.now() - YEAR)
    _fill(size.kept // 2, people, timezone.now())
    _execute("VACUUM ANALYZE")
    with_, without, deletion = _side_by_side(site, size.seconds)
    return Result(
        "retention",
        rows=size.rows,
        rate=with_.rate,
        floor_rate=without.rate,
        more={
            "ms": {"with": with_.milliseconds(), "without": without.milliseconds()},
            "deletion": deletion,
            "age": age,
        },
    )


def _people(number: int) -> list[int]:
    users = [
        User(email=f"patient{n}@example.org", first_name="Thandi", last_name=f"{n}") for n in range(number)
    ]
    return [user.pk for user in User.objects.bulk_create(users, 1000)]


@dataclass
class _Took:
    """Seconds of each kind of work."""

    seconds: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    @contextmanager
    def noted(self, what: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[what].append(time.perf_counter() - start)

    @property
    def rate(self) -> float:
        return TOLD / median(self.seconds["round"])

    def milliseconds(self) -> dict[str, tuple[float, float]]:
        return {what: _milliseconds(each) for what, each in self.seconds.items()}


def _milliseconds(seconds: list[float]) -> tuple[float, float]:
    """The median and the 99th percentile."""
    last = quantiles(seconds, n=100)[98] if len(seconds) > 1 else seconds[0]
    return round(1000 * median(seconds), 2), round(1000 * last, 2)


class _Site:
    """What goes on meanwhile."""

    def __init__(self, people: list[int]) -> None:
        self.people = people
        self._random = Random(1)
        self._keys = count()

    def round(self, took: _Took) -> None:
        with took.noted("round"):
            with took.noted("tell"):
                insert([_message(each, next(self._keys)) for each in self._some(TOLD)])
            with took.noted("claim"):
                taken = claim(Delivery, now=timezone.now(), limit=TOLD, channel=CHANNEL)
                taken.finish(state=Delivery.State.SENT)
            for reader in self._some(READERS):
                with took.noted("read"):
                    list(inbox(reader)[:25])
                    unread_count(reader)

    def _some(self, number: int) -> list[int]:
        return self._random.choices(self.people, k=number)


def _side_by_side(site: _Site, seconds: int) -> tuple[_Took, _Took, dict[str, Any]]:
    """Rounds in seconds in which deletion goes on, and in those in which it rests."""
    disconnect()
    context = get_context("fork")
    let, done = context.Event(), context.SimpleQueue()
    deleter = context.Process(target=_delete, args=(let, done), daemon=True)
    deleter.start()
    took = {True: _Took(), False: _Took()}
    wal = dict.fromkeys(took, 0)
    over = time.monotonic() + seconds
    while not took[False].seconds or (deleter.is_alive() and time.monotonic() < over):
        for on in took:
            (let.set if on else let.clear)()
            time.sleep(0.1)  # what is under way
            before, turn_over = _wal(), time.monotonic() + 1
            while time.monotonic() < turn_over:
                site.round(took[on])
            wal[on] += _wal() - before
    connection.close()
    let.set()
    deleter.terminate()
    deleter.join()
    steps = []
    while not done.empty():
        steps.append(done.get())
    rows = 2 * sum(number for number, _ in steps)
    deletion = {
        "rows": rows,
        "rows_a_second": round(rows / sum(seconds for _, seconds in steps)),
        "step_ms": _milliseconds([seconds for _, seconds in steps]),
        "wal_a_round": {
            "with" if on else "without": round(each / len(took[on].seconds["round"]))
            for on, each in wal.items()
        },
    }
    return took[True], took[False], deletion


def _delete(let: Event, done: Any) -> None:
    """Delete while it is let; says of each step how many messages went, and how long it took."""
    kind = next(each for each in privacy.retentions() if each.name == "notifications")
    let.wait()
    start = time.perf_counter()
    for number in steps_of(kind, timezone.now()):
        done.put((number, time.perf_counter() - start))
        let.wait()
        start = time.perf_counter()


def _age(site: _Site, size: Size) -> dict[str, float]:
    """What each kind of work takes after ten generations, as a multiple of what it takes in empty tables."""
    took = _Took(), _Took(), _Took()  # the first is for caches that are cold yet
    young, old = took[1:]
    for each in took:
        clean_up(now=timezone.now() + 2 * YEAR)  # all there is
        if each is old:
            for _ in range(10):
                _fill(size.generation, site.people, timezone.now() - YEAR)
                clean_up(now=timezone.now())
        for _ in range(size.rounds):
            site.round(each)
    return {what: round(median(old.seconds[what]) / median(young.seconds[what]), 2) for what in young.seconds}


def _wal() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_insert_lsn() - '0/0'")
        return int(cursor.fetchone()[0])


def _message(recipient: int, number: int) -> NewMessage:
    now = timezone.now()
    own = Own(
        recipient, None, f"new:{number}", "/today/", f'{{"dose_ids": [{number}]}}', number, 1, recipient
    )
    common = Common(
        event_type="medication.dose_due",
        category="medication",
        priority=2,
        language="en",
        title="08:00: time for your medicine",
        body="Metformin 500 mg, 1 tablet\n\nPlease choose “Taken” once it is done, or “Later”.",
        related_object_type="dose",
        in_inbox=True,
        require_acknowledgment=False,
        routing=ROUTING,
        scheduled_at=now,
        scheduled_status=Notification.Status.SENT.value,
        valid_until=now + timedelta(hours=1),
        created_at=now,
        sent_at=now,
        delete_at=now + YEAR,
    )
    delivery = CommonDelivery(channel=CHANNEL, lane=2, subject="." * 30, body="." * 200, due_at=now)
    return NewMessage(own, common, (f"patient{number}@example.org",), (delivery,))


ROUTING = """[{"channel": "in_app", "send": true, "reason": "always", "send_at": null},
 {"channel": "email", "send": true, "reason": "chosen", "send_at": null},
 {"channel": "sms", "send": false, "reason": "off_by_default", "send_at": null},
 {"channel": "push", "send": false, "reason": "no_address", "send_at": null}]"""


def _fill(messages: int, people: list[int], at: datetime) -> None:
    """So many messages that came in the minutes before that moment, each with a delivery that was sent and wiped."""
    params = {
        "at": at,
        "messages": messages,
        "people": people,
        "many": len(people),
        "routing": ROUTING,
        "channel": CHANNEL,
    }
    for statement in FILL:
        _execute(statement, params)


FILL = (
    """
    INSERT INTO notifications_notification (
        recipient_id, dedupe_key, path, data, related_object_type, related_object_id, scope_id, subject_id, event_type,
        category, priority, language, title, body, in_inbox, require_acknowledgment, routing, scheduled_at,
        scheduled_status, created_at, sent_at, delete_at, read_at
    )
    SELECT
        (%(people)s::bigint[])[1 + n %% %(many)s], 'old:' || extract(epoch FROM %(at)s) || ':' || n, '/today/',
        jsonb_build_object('dose_ids', jsonb_build_array(n)), 'dose', n, n %% 300, n %% %(many)s, 'medication.dose_due',
        'medication', 2, 'en', '08:00: time for your medicine',
        'Metformin 500 mg, 1 tablet. Please choose “Taken” once it is done, or “Later” to be reminded again.',
        true, false, %(routing)s::jsonb, moment, 'sent', moment, moment, moment + interval '365 days', moment
    FROM
        generate_series(1, %(messages)s) AS n,
        LATERAL (SELECT %(at)s - (%(messages)s - n) * interval '1 millisecond' AS moment) AS at
    """,
    """
    INSERT INTO notifications_delivery (
        notification_id, channel, lane, address, subject, body, due_at, state, attempts, failures, crashes,
        lease_owner, error, provider, provider_id, sent_at, finished_at
    )
    SELECT
        id, %(channel)s, 2, '', '', '', created_at, 'sent', 1, 0, 0, '', '', 'smtp', '', created_at, created_at
    FROM notifications_notification
    WHERE dedupe_key LIKE 'old:' || extract(epoch FROM %(at)s) || ':%%'
    """,
)


def _execute(sql: str, params: Any = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
