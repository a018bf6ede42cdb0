"""Deliveries that wait to be sent, and workers that send them as a consumer does."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing import get_context

from django.db import connection
from django.utils import timezone

from home.models import User
from notifications.models import CategoryChoices, Delivery, Notification, PriorityChoices
from notifications.pipeline import insert
from notifications.pipeline.deliver import deliver
from tests.bench._database import disconnect

START_WITHIN = 60.0
TITLE = "Closed on Friday"
BODY = "The clinic is closed on Friday. On Saturday it opens at nine."


def make_rows(channel: str, addresses: Sequence[tuple[int, str]]) -> None:
    """One message for each of these people at their address, written as fan-out writes them; nothing else is left."""
    empty()
    now = timezone.now()
    common = insert.Common(
        event_type="system.announcement",
        category=CategoryChoices.SYSTEM.value,
        priority=PriorityChoices.NORMAL.value,
        language="en",
        title=TITLE,
        body=BODY,
        related_object_type="",
        in_inbox=True,
        require_acknowledgment=False,
        routing="[]",
        scheduled_at=now,
        scheduled_status=Notification.Status.SENT.value,
        valid_until=None,
        created_at=now,
        sent_at=now,
        delete_at=now + timedelta(days=1),
    )
    delivery = insert.CommonDelivery(channel, common.priority, common.title, common.body, due_at=now, step=0)
    insert.insert(
        [
            insert.NewMessage(
                insert.Own(user_id, None, f"{number:09d}", "/inbox/", "{}", None, None, None),
                common,
                (address,),
                (delivery,),
            )
            for number, (user_id, address) in enumerate(addresses)
        ]
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def people(count: int) -> list[User]:
    """So many, each with a confirmed address."""
    now = timezone.now()
    return User.objects.bulk_create(
        [
            User(email=f"bench{number}@example.org", email_verified_at=now, password="!")
            for number in range(count)
        ]
    )


def empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {Notification._meta.db_table}, {Delivery._meta.db_table} CASCADE")


def rate_of(channel: str, processes: int) -> float:
    """Deliveries a second, from the word to begin until all are sent."""
    with forked(processes, deliver_all, channel) as (start, done):
        begin = time.perf_counter()
        start()
        done()
        seconds = time.perf_counter() - begin
    assert not Delivery.objects.exclude(state=Delivery.State.SENT).exists()
    return Delivery.objects.count() / seconds


def deliver_all(channel: str) -> None:
    while deliver(channel, now=timezone.now()).taken:
        pass


@contextmanager
def forked(
    processes: int, work: Callable[..., None], *arguments: str
) -> Iterator[tuple[Callable[[], object], Callable[[], None]]]:
    """Processes with a connection each that wait for the word; yields the word, and what waits for their end."""
    disconnect()
    context = get_context("fork")
    ready = context.Barrier(processes + 1)

    def run_one() -> None:
        connection.ensure_connection()
        ready.wait(START_WITHIN)
        work(*arguments)

    workers = [context.Process(target=run_one, daemon=True) for _ in range(processes)]
    for worker in workers:
        worker.start()

    def done() -> None:
        for worker in workers:
            worker.join()
            assert worker.exitcode == 0

    try:
        yield lambda: ready.wait(START_WITHIN), done
    finally:
        for worker in workers:
            worker.kill()
            worker.join()
