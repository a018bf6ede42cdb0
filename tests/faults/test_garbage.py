"""What doesn't belong in the queue: the consumer lives on, runs none of it, and goes on with its work."""

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from huey.contrib.djhuey import HUEY
from huey.registry import Message

from notifications import tasks
from notifications.models import ConsumerHeartbeat
from tests.faults.cast import ids, mail_is_sent, people, told
from tests.faults.smtp_server import SmtpServer, addresses
from tests.faults.stack import Site, wait_until


class Evil:
    """Leaves a file wherever it is unpickled."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return open, (str(self.file), "w")


def garbage(file: Path) -> dict[str, bytes]:
    evil = pickle.dumps(Evil(file))
    unknown = HUEY.serializer.serialize(
        Message("1", "somebody.elses.task", None, 0, 0, (), {}, None, None, None)
    )
    real = HUEY.serialize_task(tasks.deliver.s("no such channel"))
    return {
        "nothing": b"",
        "noise": bytes(range(256)),
        "an unsigned pickle": evil,
        "a pickle with a false signature": evil + b":" + b"0" * 40,
        "an unknown task": unknown,
        "half a message": real[: len(real) // 2],
        "a channel that isn't there": real,
    }


@pytest.mark.parametrize("scheduled", [False, True], ids=["queue", "schedule"])
def test_a_consumer_survives_garbage_in_its_queue(
    site: Site, smtp_server: SmtpServer, tmp_path: Path, scheduled: bool
) -> None:
    file = tmp_path / "it ran"
    users = people(3)
    for message in garbage(file).values():
        if scheduled:
            HUEY.storage.add_to_schedule(message, HUEY._get_timestamp())
        else:
            HUEY.storage.enqueue(message, tasks.URGENT)
    consumer = site.start_consumer()
    wait_until(ConsumerHeartbeat.objects.exists, what="the consumer begins")
    wait_until(lambda: HUEY.scheduled_count() == 0, what="the garbage is taken")

    assert site.run("publish", user_ids=[user.pk for user in users]) == 0

    wait_until(lambda: mail_is_sent(3), what="the mail is sent")
    assert smtp_server.addressees() == addresses(users)
    assert told() == ids(users)
    assert consumer.poll() is None
    assert not file.exists()
