"""A web process, and somebody who uses it."""

import os
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlencode

from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.test import Client

from home.models import User
from site_config.environment import BASE_DIR
from site_config.supervisor import die_with_parent
from tests.faults.stack import wait_until

PATIENCE = 60.0
"""Seconds after which a browser gives up."""


@dataclass(frozen=True)
class Answer:
    status: int
    seconds: float
    cookies: str

    @property
    def is_well(self) -> bool:
        return 200 <= self.status < 400


@dataclass(frozen=True)
class Visitor:
    """A browser: signed in if it has a session."""

    port: int
    session: str = ""

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, {}, b"")

    def post(self, path: str, **form: str) -> Answer:
        return self._ask(
            "POST", path, {"Content-Type": "application/x-www-form-urlencoded"}, urlencode(form).encode()
        )

    @contextmanager
    def live(self) -> Iterator[list[float]]:
        """An open page: when it heard of something new in the inbox (time.monotonic)."""
        heard: list[float] = []
        connection = HTTPConnection("127.0.0.1", self.port)
        connection.request("GET", "/en/inbox/stream/", headers={"Cookie": f"sessionid={self.session}"})
        response = connection.getresponse()
        assert response.status == 200

        def listen() -> None:
            for line in response:
                if line.startswith(b"event: inbox"):
                    heard.append(time.monotonic())

        listener = threading.Thread(target=listen)
        listener.start()
        try:
            yield heard
        finally:
            connection.sock.shutdown(socket.SHUT_RDWR)
            listener.join()
            connection.close()

    def _ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        token = secrets.token_hex(16)
        cookies = {"csrftoken": token, **({"sessionid": self.session} if self.session else {})}
        line = "; ".join(f"{name}={value}" for name, value in cookies.items())
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        started = time.monotonic()
        try:
            connection.request(method, path, body, {"Cookie": line, "X-CSRFToken": token, **headers})
            response = connection.getresponse()
            response.read()
        finally:
            connection.close()
        given = response.headers.get_all("Set-Cookie") or []
        return Answer(response.status, time.monotonic() - started, "; ".join(given))


@dataclass(frozen=True)
class Web:
    """A web process."""

    port: int

    def stranger(self) -> Visitor:
        return Visitor(self.port)

    def visitor(self, user: User) -> Visitor:
        """Somebody who signed in some time ago."""
        client = Client()
        client.force_login(user)
        return Visitor(self.port, client.cookies["sessionid"].value)

    def is_up(self) -> bool:
        try:
            return self.stranger().get("/health/live/").is_well
        except (OSError, HTTPException):
            return False


@contextmanager
def running(environment: Mapping[str, str]) -> Iterator[Web]:
    """The web process as `make run` starts it, on a port of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        web = Web(probe.getsockname()[1])
    command = [sys.executable, "-m", "uvicorn", "site_config.asgi:application", "--port", str(web.port)]
    process = subprocess.Popen(
        [*command, "--log-level=warning", "--lifespan=off", "--timeout-graceful-shutdown=3"],
        cwd=BASE_DIR,
        env={**os.environ, **environment, "DJANGO_SETTINGS_MODULE": "site_config.settings"},
        preexec_fn=die_with_parent(os.getpid()),  # noqa: PLW1509 - no threads that hold a lock
    )
    try:
        wait_until(lambda: process.poll() is not None or web.is_up(), what="the web process answers")
        assert process.poll() is None
        yield web
    finally:
        process.kill()
        process.wait()


def give_password(user: User, password: str) -> None:
    """One that the site itself can check, unlike those of other tests."""
    encoded = PBKDF2PasswordHasher().encode(password, secrets.token_hex(8), iterations=1_000)
    User.objects.filter(pk=user.pk).update(password=encoded)
