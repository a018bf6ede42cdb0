"""Runs targets of the Makefile side by side: python -m tools.side_by_side lint+test-sqlite test-browser

Each argument is a track, whose targets run one after the other, whether the one before failed or not. The output of a
target goes into test-results/. When it ends, one line says how, and the output of a failed one is shown whole. The last
lines are one for each target, with its time, the processor's time (of all processes, which is what a busy machine can't
change) and what it counted. The exit code is 1 if one failed. Ctrl-C and TERM end all of them.
"""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

RESULTS = Path("test-results")
COUNT = re.compile(r"^=*\s*(\d+ (?:passed|failed|error).*?) in [\d.]+s", re.MULTILINE)
STOPPED = 128 + signal.SIGINT


@dataclass(frozen=True)
class Result:
    """How a target ended. Times are in seconds."""

    target: str
    code: int
    seconds: float
    processor_seconds: float

    @property
    def log(self) -> Path:
        return log_of(self.target)

    def __str__(self) -> str:
        count = COUNT.findall(self.log.read_text(errors="replace"))
        return (
            f"{'ok' if self.code == 0 else 'FAILED':6} {self.target:16} {_minutes(self.seconds)}"
            f" (processor {_minutes(self.processor_seconds)})  {count[-1] if count else ''}"
        ).rstrip()


class SideBySide:
    """All that runs now, and what came of the rest."""

    def __init__(self) -> None:
        self.results: list[Result] = []
        self._running: set[int] = set()
        self._stopped = False
        self._lock = threading.RLock()

    def run(self, tracks: Sequence[Sequence[str]]) -> None:
        """Come back when all have ended."""
        threads = [threading.Thread(target=self._run_track, args=(track,)) for track in tracks]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def stop(self) -> None:
        """Tell all that run to end; what has not begun doesn't begin."""
        with self._lock:
            self._stopped = True
            for group in self._running:
                os.killpg(group, signal.SIGINT)

    @property
    def was_stopped(self) -> bool:
        return self._stopped

    def _run_track(self, track: Sequence[str]) -> None:
        for target in track:
            began = time.monotonic()
            with log_of(target).open("wb") as log, self._lock:
                if self._stopped:
                    return
                # In a group of its own, so that a signal meets all that it started.
                process = subprocess.Popen(
                    ["make", "--no-print-directory", target],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
                self._running.add(process.pid)
            # Its id stays its own until it is taken off the list.
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
            with self._lock:
                self._running.discard(process.pid)
                _, status, used = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
                self._ended(
                    Result(
                        target,
                        process.returncode,
                        time.monotonic() - began,
                        used.ru_utime + used.ru_stime,
                    )
                )

    def _ended(self, result: Result) -> None:
        self.results.append(result)
        if result.code and not self._stopped:
            print(f"\n{result.log.read_text(errors='replace')}")
        print(result, flush=True)


def log_of(target: str) -> Path:
    return RESULTS / f"{target}.log"


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60:2}:{int(seconds) % 60:02}"


def main(arguments: Sequence[str]) -> int:
    RESULTS.mkdir(exist_ok=True)
    began = time.monotonic()
    phases = SideBySide()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: phases.stop())
    phases.run([track.split("+") for track in arguments])
    print(
        f"\nAll of it took {_minutes(time.monotonic() - began).strip()}; each one's output is in {RESULTS.name}/:"
    )
    for result in phases.results:
        print(result)
    if phases.was_stopped:
        return STOPPED
    return int(any(result.code for result in phases.results))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
