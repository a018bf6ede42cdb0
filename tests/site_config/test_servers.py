"""Each server that we start, as it is started: who guesses passwords can't choose where from."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection

from site_config import limits, supervisor
from site_config.environment import BASE_DIR
from site_config.supervisor import die_with_parent

READY_WITHIN = 60.0
GUNICORN = [f"{Path(sys.executable).parent}/gunicorn", "--config", "python:site_config.gunicorn"]


@contextmanager
def serving(server: str, folder: Path) -> Iterator[str]:
    """The server of `make run`, or that of the pages in production, on this run's database."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    name = connection.settings_dict["NAME"]
    url = os.environ.get("DATABASE_URL")
    more = {
        "DATA_DIR": str(folder),
        "DATABASE_URL": f"{url.rpartition('/')[0]}/{name}" if url else f"sqlite:///{name}",
        "PORT": str(port),
        "WEB_WORKERS": "1",
        "SECRET_KEY": "of-no-worth-but-long-enough-for-a-server-that-lives-for-a-moment",
    }
    command = GUNICORN if server == "gunicorn" else supervisor.commands()["web"]
    if server != "gunicorn":
        command = [
            *command[: command.index("--port") + 1],
            str(port),
            *command[command.index("--port") + 2 :],
        ]
    environment = {key: value for key, value in os.environ.items() if key != "DJANGO_SETTINGS_MODULE"}
    process = subprocess.Popen(
        command,
        cwd=BASE_DIR,
        env=environment | more,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=die_with_parent(os.getpid()),  # noqa: PLW1509 - no threads that hold a lock
    )
    try:
        last_moment = time.monotonic() + READY_WITHIN
        while _status(f"http://localhost:{port}/health/live/") != 200:
            assert process.poll() is None and time.monotonic() < last_moment, f"{server} doesn't start."
            time.sleep(0.1)
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _status(url: str, body: object = None, **headers: str) -> int:
    data = json.dumps(body).encode() if body else None
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", **headers})  # noqa: S310 - ours
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - ours
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    except (urllib.error.URLError, ConnectionError):
        return 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("server", ["make run", "gunicorn"])
def test_whatever_address_somebody_writes_into_headers_they_are_locked_out(
    server: str, tmp_path: Path
) -> None:
    cache.clear()
    with serving(server, tmp_path) as url:
        answers = [
            _status(
                f"{url}/api/auth/login/",
                {"email": "nobody@example.org", "password": "guess"},
                **dict.fromkeys(("X-Forwarded-For", "X-Real-IP", "True-Client-IP"), f"6.6.6.{guess}"),
                Forwarded=f"for=6.6.6.{guess}",
            )
            for guess in range(limits.WRONG_PASSWORDS + 2)
        ]
    assert answers == [401] * (limits.WRONG_PASSWORDS - 1) + [429] * 3


def test_every_command_for_uvicorn_tells_it_to_believe_nobody() -> None:
    files = ("site_config/supervisor.py", "deploy/compose.yaml", "deploy/systemd/medguard-live.service")
    for path in files:
        text = (Path(settings.BASE_DIR) / path).read_text()
        assert "uvicorn" in text and "--no-proxy-headers" in text
