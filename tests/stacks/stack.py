"""One machine of a clinic, with the commands of deploy/: pages on gunicorn, streams on uvicorn, a consumer."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

from site_config.environment import BASE_DIR
from site_config.supervisor import die_with_parent

SECRET_KEY = "the-same-in-every-process-of-all-stacks-as-in-real-life"
BIN = Path(sys.executable).parent
READY_WITHIN = 120.0


def wait_until(holds: Callable[[], object], seconds: float, *, what: str, look_every: float = 0.1) -> None:
    last_moment = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < last_moment, f"Not within {seconds:g} s: {what}."
        time.sleep(look_every)


def commands(port: int, live_port: int) -> dict[str, list[str]]:
    return {
        "web": [f"{BIN}/gunicorn", "--config", "python:site_config.gunicorn", "--bind", f"127.0.0.1:{port}"],
        "live": [
            *(
                f"{BIN}/uvicorn",
                "site_config.asgi:application",
                "--host",
                "127.0.0.1",
                "--port",
                str(live_port),
            ),
            *("--lifespan", "off", "--no-access-log", "--timeout-graceful-shutdown", "3"),
        ],
        "consumer": [sys.executable, "manage.py", "run_huey"],
    }


class Stack:
    """Its processes run when it has been made and `ready()` came back. Everything it says is in `said()`."""

    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str],
        processes: Sequence[str],
        *,
        prepared_by: Callable[[Mapping[str, str]], None] = lambda environment: None,
    ) -> None:
        """`prepared_by` is called with the environment of all processes before they start."""
        folder.mkdir()
        self.folder = folder
        self.port, self.live_port = _free_port(), _free_port()
        inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self.environment = {
            **inherited,
            "DATA_DIR": str(folder),
            "DEBUG": "false",
            "SECRET_KEY": SECRET_KEY,
            "WEB_WORKERS": "2",
            **environment,
        }
        prepared_by(self.environment)
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        all_commands = commands(self.port, self.live_port)
        for name in processes:
            with (folder / f"{name}.log").open("wb") as log:
                self.processes[name] = subprocess.Popen(
                    all_commands[name],
                    cwd=BASE_DIR,
                    env=self.environment,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    preexec_fn=die_with_parent(os.getpid()),  # noqa: PLW1509 - no threads yet
                )

    def ready(self) -> None:
        """Come back when both servers answer."""
        ports = {"web": self.port, "live": self.live_port}
        for name in self.processes.keys() & ports.keys():
            wait_until(
                lambda: self._ended(name) or _answers(ports[name]),  # noqa: B023 - waits here
                READY_WITHIN,
                what=f"{name} answers",
            )
        assert not any(map(self._ended, self.processes)), self.said()

    def _ended(self, name: str) -> bool:
        return self.processes[name].poll() is not None

    def call(self, path: str, body: Any, **headers: str) -> Any:
        """POST JSON to a page worker; gives back the answer's."""
        request = urllib.request.Request(
            f"http://localhost:{self.port}{path}",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json", **headers},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return json.loads(answer.read())

    @contextmanager
    def get(self, path: str, *, live: bool = False, **headers: str) -> Iterator[HTTPResponse]:
        """The head of an answer, whose body can be read inside."""
        address = "localhost", self.live_port if live else self.port
        with closing(HTTPConnection(*address, timeout=30)) as connection:
            connection.request("GET", path, headers=headers)
            with connection.getresponse() as answer:
                yield answer

    def stop(self) -> dict[str, tuple[int, float]]:
        """TERM to all, as systemd and Docker do; each one's exit code, and the seconds it took."""
        asked = time.monotonic()
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        took: dict[str, float] = {}

        def all_ended() -> bool:
            for name in self.processes:
                if name not in took and self._ended(name):
                    took[name] = time.monotonic() - asked
            return len(took) == len(self.processes)

        wait_until(all_ended, 60, what="all have stopped", look_every=0.02)
        return {name: (process.wait(), took[name]) for name, process in self.processes.items()}

    def kill(self) -> None:
        for process in self.processes.values():
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()

    def mails(self) -> list[str]:
        """Whom its consumer wrote to, once for each mail."""
        texts = [file.read_text() for file in (self.folder / "mail").glob("*.log")]
        lines = (line for text in texts for line in text.splitlines())
        return [line.removeprefix("To: ") for line in lines if line.startswith("To: ")]

    def said(self) -> str:
        return "".join(file.read_text() for file in sorted(self.folder.glob("*.log")))


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://localhost:{port}/health/live/", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
