"""What the tests of faults drive: real consumers that can be killed, and a deadline for what must become true."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from site_config.environment import BASE_DIR

GRACE = 120.0
"""How long anything may take that isn't measured, in seconds: machines that run tests are busy."""


def wait_until(condition: Callable[[], object], seconds: float = GRACE, *, what: str = "") -> None:
    """Come back as soon as the condition holds; an AssertionError when it doesn't within so many seconds."""
    last_moment = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < last_moment, f"Not within {seconds:g} s: {what or 'what was awaited'}."
        time.sleep(0.05)


def a_second_later() -> Callable[[], bool]:
    """A condition that holds in a second: by then a worker asks anew whether what it has in hand still holds."""
    begun = time.monotonic()
    return lambda: time.monotonic() - begun >= 1


@dataclass(frozen=True)
class Process:
    """One process of the site."""

    site: "Site"
    pid: int

    def poll(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs."""
        return self.site.poll(self)

    def kill(self) -> None:
        """End it with -9, and see it gone."""
        self.send(signal.SIGKILL)
        wait_until(lambda: self.poll() is not None, what="the end of a killed process")

    def send(self, number: signal.Signals) -> None:
        self.site.send(self, number)


class Site:
    """The processes of one site: one that loaded it (tests.faults.consumer), and those forked from it."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._loaded = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.consumer"],
            cwd=BASE_DIR,
            env={**os.environ, **environment, "DJANGO_SETTINGS_MODULE": "site_config.settings"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._asking = threading.RLock()
        self._ended: dict[int, int] = {}
        self._processes: list[Process] = []

    def start_consumer(
        self,
        *,
        lease: float = 5.0,
        timeout: float = 1.0,
        retry: float = 0.5,
        silence: float = 0.0,
        unhurried: bool = False,
        gateways: str = "",
        changed: Mapping[str, Any] = MappingProxyType({}),
        limits: Mapping[str, int] | None = None,
    ) -> Process:
        """Start a consumer (in seconds: how long a lease lasts, a send may take, a failed send waits, a server
        may say nothing)."""
        return self._fork(
            "consume",
            lease=lease,
            timeout=timeout,
            retry=retry,
            silence=silence,
            unhurried=unhurried,
            gateways=gateways,
            changed=dict(changed),
            limits=limits,
        )

    def start(self, name: str, **options: Any) -> Process:
        """Run a function of tests.faults.consumer in a process of its own."""
        return self._fork(name, **options)

    def run(self, name: str, **options: Any) -> int:
        """The same until it ends; gives back its exit code."""
        process = self.start(name, **options)
        wait_until(lambda: process.poll() is not None, what=f"the end of {name}")
        return self._ended[process.pid]

    def poll(self, process: Process) -> int | None:
        with self._asking:
            if process.pid not in self._ended:
                code = self._ask("poll", process.pid)
                if code is not None:
                    self._ended[process.pid] = code
            return self._ended.get(process.pid)

    def send(self, process: Process, number: signal.Signals) -> None:
        # Nobody else can have waited for it in the meantime, so its id isn't somebody else's by now.
        with self._asking:
            if self.poll(process) is None:
                os.kill(process.pid, number)

    def kill_all(self) -> None:
        for process in self._processes:
            process.kill()
        self._processes.clear()

    def close(self) -> None:
        """End everything."""
        with self._loaded:
            self.kill_all()

    def _fork(self, name: str, **options: Any) -> Process:
        with self._asking:
            process = Process(self, self._ask("fork", name, options))
            self._ended.pop(process.pid, None)
        self._processes.append(process)
        return process

    def _ask(self, *question: object) -> Any:
        assert self._loaded.stdin is not None and self._loaded.stdout is not None
        print(json.dumps(question), file=self._loaded.stdin, flush=True)
        return json.loads(self._loaded.stdout.readline())
