"""Web server and Huey consumer as one thing: started together, restarted when one dies, stopped together.

It knows processes and nothing of Django, so that it stays small and outlives whatever the two run into.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from site_config.environment import BASE_DIR, LISTEN_ON, PORT

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
STEADY_AFTER = (
    60.0  # a process that ran so long failed for a new reason: it starts again with the first pause
)
GRACE = 8.0  # between TERM and KILL; stopping has to end within 10 seconds in all
LOOK_EVERY = 0.1
PR_SET_PDEATHSIG = 1  # prctl(2)


def commands() -> dict[str, list[str]]:
    """Both processes. The web server is reached from this machine alone unless LISTEN_ON or an https:// address says
    that there is more.
    """
    web = ["uvicorn", "site_config.asgi:application", "--host", LISTEN_ON, "--port", str(PORT)]
    return {
        # Who asks is said by TRUSTED_PROXIES alone; uvicorn would believe X-Forwarded-For of everybody on this machine.
        # Open streams of live updates never end by themselves: without a time-out uvicorn waits for them.
        "web": [
            sys.executable,
            "-m",
            *web,
            "--no-proxy-headers",
            "--no-access-log",
            "--lifespan=off",
            "--timeout-graceful-shutdown=3",
        ],
        "consumer": [sys.executable, "manage.py", "run_huey"],
    }


@dataclass
class Child:
    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    start_at: float = 0.0
    pause: float = field(default=FIRST_PAUSE)

    def start(self, now: float) -> None:
        # A process group of its own: Ctrl-C reaches the supervisor alone, which then stops both in order.
        self.process = subprocess.Popen(
            self.command,
            cwd=BASE_DIR,
            start_new_session=True,
            preexec_fn=die_with_parent(os.getpid()),  # noqa: PLW1509 - safe without threads, and there are none
        )
        self.started = now

    def signal(self, number: signal.Signals) -> None:
        """To the whole group, so that a child's own children go too."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                pass


class Supervisor:
    def __init__(
        self,
        commands: Mapping[str, Sequence[str]],
        *,
        grace: float = GRACE,
        first_pause: float = FIRST_PAUSE,
        log: Callable[[str], None] | None = None,
    ) -> None:
        self.children = [Child(name, command, pause=first_pause) for name, command in commands.items()]
        self.grace = grace
        self.first_pause = first_pause
        self.log = log or _log
        self.stopping = False

    def run(self) -> int:
        """Returns 0 after TERM or INT, when nothing it started is left."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        try:
            while not self.stopping:
                for child in self.children:
                    self._keep_running(child, time.monotonic())
                time.sleep(LOOK_EVERY)
        finally:
            self._end()
        return 0

    def _stop(self, number: int, frame: object) -> None:
        self.stopping = True

    def _keep_running(self, child: Child, now: float) -> None:
        if child.process is None:
            if now >= child.start_at:
                child.start(now)
        elif child.process.poll() is not None:
            if now - child.started >= STEADY_AFTER:
                child.pause = self.first_pause
            how = _how_it_ended(child.process.returncode)
            self.log(f"The {child.name} process {how}; it starts again in {child.pause:g} s.")
            child.signal(signal.SIGKILL)
            child.process = None
            child.start_at = now + child.pause
            child.pause = min(child.pause * 2, LONGEST_PAUSE)

    def _end(self) -> None:
        for child in self.children:
            child.signal(signal.SIGTERM)
        last_moment = time.monotonic() + self.grace
        for child in self.children:
            if child.process is not None:
                try:
                    child.process.wait(max(0.0, last_moment - time.monotonic()))
                except subprocess.TimeoutExpired:
                    self.log(f"The {child.name} process did not stop within {self.grace:g} s and is killed.")
        for child in self.children:
            child.signal(signal.SIGKILL)
            if child.process is not None:
                child.process.wait()


def die_with_parent(parent: int) -> Callable[[], None] | None:
    """For Popen's `preexec_fn`: a child is told to stop when its parent is gone, also by kill -9. Linux only."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl  # loaded before the fork, where little is safe

    def promise() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it was gone before the promise was made
            os.kill(os.getpid(), signal.SIGTERM)

    return promise


def _how_it_ended(code: int) -> str:
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"


def _log(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(Supervisor(commands()).run())
