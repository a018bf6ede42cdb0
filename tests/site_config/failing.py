"""A process of the site in which something fails over somebody's data: `python -m tests.site_config.failing request`.

The data are in the environment, so that no line of code, which may be told, shows them.
"""

import os
import sys
import threading
from typing import Any

import django

django.setup()

from django.http import HttpRequest, HttpResponse  # noqa: E402 - the apps come first
from django.test import Client  # noqa: E402
from django.urls import path  # noqa: E402
from huey import signals  # noqa: E402
from huey.contrib.djhuey import HUEY  # noqa: E402

from site_config.urls import urlpatterns  # noqa: E402

NAME, PHONE, MEDICINE = (os.environ[f"PLANTED_{each}"] for each in ("NAME", "PHONE", "MEDICINE"))


def stumble(name: str) -> None:
    medicine, phone = MEDICINE, PHONE
    try:
        int(phone)
    except ValueError as error:
        raise LookupError(f"{name} ({phone}) has no {medicine}") from error


def view(request: HttpRequest, name: str) -> HttpResponse:
    stumble(name)
    return HttpResponse()


def fail_in_a_request() -> None:
    urlpatterns.insert(0, path("health/patients/<str:name>/", view, name="patient"))
    client = Client(raise_request_exception=False, SERVER_NAME="localhost")
    client.cookies["reader"] = NAME
    answer = client.post(
        f"/health/patients/{NAME}/?phone={PHONE}",
        {"medicine": MEDICINE},
        headers={"X-Request-ID": "request-17", "X-Reader": NAME, "User-Agent": MEDICINE},
    )
    assert answer.status_code == 500


def fail_in_a_task() -> None:
    """With the consumer's own threads."""
    failed = threading.Event()
    HUEY.signal(signals.SIGNAL_ERROR)(lambda *_: failed.set())
    task: Any = HUEY.task(name="stumble")(stumble)
    task(NAME)
    HUEY._startup.clear()  # signs of life need a database
    consumer = HUEY.create_consumer(workers=1, periodic=False, initial_delay=0.02)
    consumer.start()
    assert failed.wait(60)
    consumer.stop(graceful=True)


if __name__ == "__main__":
    {"request": fail_in_a_request, "task": fail_in_a_task}[sys.argv[1]]()
