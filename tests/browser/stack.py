"""The site as `make run` starts it, on a port and with a data folder of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_string
from email.message import EmailMessage
from email.policy import default as modern
from pathlib import Path
from typing import Any

from site_config.environment import BASE_DIR
from site_config.supervisor import die_with_parent

READY_WITHIN = 240.0
STOP_WITHIN = 10.0
WEBHOOK_SECRET = "secret-of-the-browser-tests"
"""With it, tests hand the site an SMS as a provider does."""
OF_THIS_RUN = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "REDIS_URL")
"""What the tests themselves run with, and the site doesn't: it is the embedded default."""


@dataclass(frozen=True)
class Stack:
    """A running site."""

    url: str
    data_dir: Path
    scenes: subprocess.Popen[str]

    def scene(self, name: str, **values: Any) -> Any:
        """Call a function of `tests.browser.scene` in a process that shares the site's database."""
        assert self.scenes.stdin is not None and self.scenes.stdout is not None
        print(json.dumps([name, values]), file=self.scenes.stdin, flush=True)
        answer = json.loads(self.scenes.stdout.readline())
        assert "gives" in answer, answer["failed"]
        return answer["gives"]

    def mail_to(self, address: str) -> list[EmailMessage]:
        """What was written for somebody, in no special order."""
        texts = [file.read_text() for file in (self.data_dir / "mail").glob("*.log")]
        parts = (part for text in texts for part in text.split(f"\n{'-' * 79}\n") if part.strip())
        mails = (message_from_string(part, EmailMessage, policy=modern) for part in parts)
        return [mail for mail in mails if mail["To"] == address]


@contextmanager
def running(folder: Path, **more: str) -> Iterator[Stack]:
    """Start it with `more` variables, and with it what plays scenes."""
    with started(folder, **more) as (url, environment), _scenes(environment) as scenes:
        yield Stack(url, folder, scenes)


@contextmanager
def started(folder: Path, **more: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Start it, wait until it is well, and see to it that TERM ends all of it in time; gives its URL and variables."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if name not in OF_THIS_RUN}
    environment |= {"PORT": str(port), "DATA_DIR": str(folder), **more}
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "site_config.start"],
            cwd=BASE_DIR,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent(os.getpid()),  # noqa: PLW1509 - no threads yet
        )
        url = f"http://localhost:{port}"
        try:
            ready = f"{url}/health/ready/"
            assert wait_until(lambda: process.poll() is not None or answers(ready), READY_WITHIN), _said(log)
            assert process.poll() is None, _said(log)
            yield url, environment
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                code = process.wait(STOP_WITHIN)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
    assert code == 0, _said(log)
    assert "Traceback" not in log.read_text(), _said(log)


@contextmanager
def _scenes(environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """The process that plays scenes: to load the site takes seconds, a scene much less."""
    play = "from tests.browser import scene; scene.play()"
    with subprocess.Popen(
        [sys.executable, "manage.py", "shell", "--no-imports", "--command", play],
        cwd=BASE_DIR,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=die_with_parent(os.getpid()),  # noqa: PLW1509 - no threads that hold a lock
    ) as scenes:
        yield scenes


def wait_until(holds: Callable[[], bool], seconds: float) -> bool:
    """Whether it came to hold in that time: for what no page shows."""
    last_moment = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > last_moment:
            return False
        time.sleep(0.1)
    return True


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _said(log: Path) -> str:
    return f"The site said:\n{log.read_text()}"
