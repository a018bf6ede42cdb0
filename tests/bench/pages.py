"""A patient's inbox of 25 messages, next to a bare page of Django's with session, user and as many rows.

Both are whole requests through the WSGI application, in turn, and what is compared is processor time: what else the
machine does meets both alike. The bare page has Django's middleware for sessions and users alone and the plainest
template. `badge` is the number of unread messages next to a bare view that sends that number, `today` the day's doses
next to the bare page. `queries` says how many each of ours takes, `bytes` how large it is as it is sent.
"""

import gc
import time
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from statistics import median
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from home.models import User
from tests.bench import _bare_pages
from tests.bench._result import Goal, Result
from tests.factories import CareRoleFactory, UserFactory
from tests.notifications.factories import NotificationFactory

GOALS = (
    Goal("of a bare page, inbox", at_least=0.6),
    Goal("of a bare view, badge", at_least=0.7, figure=lambda run: run.more["ratios"]["badge"]),
)

OURS = {"inbox": "/en/inbox/", "badge": "/en/inbox/badge/", "today": "/en/today/"}
BARE = {"inbox": "/page/", "badge": "/badge/", "today": "/page/"}


@dataclass(frozen=True, slots=True)
class Size:
    messages: int = 60
    repetitions: int = 150


SMALL = Size(messages=30, repetitions=3)


def run(size: Size) -> Result:
    """The median of each page, in seconds of the processor."""
    reader = reader_of(size.messages)
    ask = Asking(reader)
    gc.freeze()  # as Gunicorn's workers have it (site_config/gunicorn.py)
    seconds = ask.in_turn(size.repetitions)
    ratios = {name: round(seconds[BARE[name]] / seconds[OURS[name]], 3) for name in OURS}
    return Result(
        "pages",
        rows=25,
        rate=25 / seconds[OURS["inbox"]],
        floor_rate=25 / seconds[BARE["inbox"]],
        more={
            "ratios": ratios,
            "ms": {path: round(1000 * each, 2) for path, each in seconds.items()},
            "queries": {name: ask.queries(path) for name, path in OURS.items()},
            "bytes": {name: ask.size(path) for name, path in OURS.items()},
        },
    )


def reader_of(messages: int) -> User:
    """A patient whose doctor writes much; a third of it is unread."""
    reader = UserFactory.create(first_name="Nomsa", last_name="Dlamini")
    CareRoleFactory.create(user=reader)
    now = timezone.now()
    for number in range(messages):
        at = now - timedelta(hours=number)
        NotificationFactory.create(
            recipient=reader, created_at=at, path="/events/", read_at=at if number % 3 else None
        )
    return reader


class Asking:
    """Requests of somebody who is signed in, to the site and to the bare pages."""

    def __init__(self, user: User) -> None:
        settings.AUTHENTICATION_BACKENDS = [*settings.AUTHENTICATION_BACKENDS, _bare_pages.BACKEND]
        self._site = WSGIHandler(), _cookie(user, settings.AUTHENTICATION_BACKENDS[1])
        with override_settings(MIDDLEWARE=_bare_pages.MIDDLEWARE):
            self._bare = WSGIHandler(), _cookie(user, _bare_pages.BACKEND)

    def in_turn(self, times: int) -> dict[str, float]:
        """Of each page the median of its seconds. The first of each fills what is kept, and isn't counted."""
        paths = dict.fromkeys((*OURS.values(), *BARE.values()))
        measured: dict[str, list[float]] = {path: [self._seconds(path)][:0] for path in paths}
        for _ in range(times):
            for path in paths:
                measured[path].append(self._seconds(path))
        return {path: median(each) for path, each in measured.items()}

    def queries(self, path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            self._answer(path)
        return len(queries)

    def size(self, path: str) -> int:
        return len(self._answer(path, HTTP_ACCEPT_ENCODING="gzip"))

    def _seconds(self, path: str) -> float:
        start = time.process_time()
        self._answer(path)
        return time.process_time() - start

    def _answer(self, path: str, **headers: str) -> bytes:
        handler, cookie = self._bare if path in BARE.values() else self._site
        said: list[str] = []

        def start(status: str, headers: Any, exc_info: Any = None) -> Any:
            said.append(status)

        environ: dict[str, Any] = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": path,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "localhost",
            "HTTP_COOKIE": cookie,
            "wsgi.input": BytesIO(),
            "wsgi.errors": BytesIO(),
            "wsgi.url_scheme": "http",
            "wsgi.version": (1, 0),
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            **headers,
        }
        response = handler(environ, start)
        body = b"".join(response)
        response.close()
        assert said[0].startswith("200"), (path, said)
        return body


def _cookie(user: User, backend: str) -> str:
    """Of a session in which this backend finds the user."""
    client = Client()
    client.force_login(user, backend)
    return "; ".join(f"{name}={each.value}" for name, each in client.cookies.items())
