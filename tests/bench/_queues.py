"""What the engine is compared with: a task a notification, through Huey, Celery and procrastinate, on the same servers.

Each task does the least that it can do: load its row, send it, and mark it sent. Connections stay open.
"""

import os
from urllib.parse import urlsplit

import django
from django.apps import apps

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
if not apps.ready:
    django.setup()

from celery import Celery
from django.conf import settings
from django.utils import timezone
from huey import RedisHuey
from procrastinate import App, PsycopgConnector

from notifications.models import Delivery
from notifications.pipeline.due import read
from notifications.pipeline.outgoing import single
from notifications.types import Message, SendResult


def nothing(message: Message) -> SendResult:
    """The send that all of them do."""
    return SendResult("nobody")


def send_one(delivery_id: int) -> None:
    [row] = read([delivery_id])
    answer = nothing(single(row))
    now = timezone.now()
    Delivery.objects.filter(pk=delivery_id).update(
        state=Delivery.State.SENT, finished_at=now, sent_at=now, provider=answer.provider, error=""
    )


def _broker() -> str:
    url = urlsplit(settings.REDIS_URL)
    if url.scheme != "unix":
        return settings.REDIS_URL
    return f"redis+socket://{url.path}?virtual_host={url.query.removeprefix('db=')}"


huey_queue = RedisHuey("bench", url=settings.REDIS_URL, results=False)
huey_task = huey_queue.task()(send_one)

celery_app = Celery("bench", broker=_broker())
celery_app.conf.update(
    task_ignore_result=True,
    worker_send_task_events=False,
    worker_prefetch_multiplier=64,
    broker_connection_retry_on_startup=True,
)
celery_task = celery_app.task(name="bench.send_one")(send_one)

# Of the database that this process works in (tests/bench/_database.py).
procrastinate_app = App(connector=PsycopgConnector(conninfo=os.environ.get("DATABASE_URL", "")))
procrastinate_task = procrastinate_app.task(name="bench.send_one")(send_one)
