"""A `manage.py` command of the site, next to the same command of an empty Wagtail project.

The command is `check`, which loads all there is to load and looks at it, as most commands do first. The empty project
is what `wagtail start` makes. `seconds` are those of the command and of `make run` where it ran before, from its start
until the site says that it is ready: on SQLite, without a Redis, with its demo, and without make's own look at .venv.
`bare_seconds` are those of the empty project, which migrates and serves its first page by Django's own server. All are
asked in turn, so that what else the machine does meets them alike. `rate` and `floor_rate` are commands a minute.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from site_config.environment import BASE_DIR
from tests.bench._result import Goal, Result
from tests.browser.stack import OF_THIS_RUN, READY_WITHIN, answers, free_port, started, wait_until

MANAGE = [sys.executable, "manage.py"]
SITE = Path(os.environ["DATA_DIR"]) / "start" / "site"
BARE = SITE.with_name("bare")

GOALS = (
    Goal("seconds of a manage.py command", at_most=1, figure=lambda run: run.more["seconds"]["command"]),
    Goal("seconds of `make run` again", at_most=5, figure=lambda run: run.more["seconds"]["run"]),
)


@dataclass(frozen=True, slots=True)
class Size:
    """How often each is asked, and whether the site is started too, which takes a minute the first time."""

    commands: int = 3
    runs: int = 1


SMALL = Size(commands=1, runs=0)


def prepare(size: Size) -> None:
    """An empty project; and if they are to run again, both as they are after they ran once."""
    SITE.mkdir(parents=True)
    BARE.mkdir()
    _call([sys.executable, "-m", "wagtail.bin.wagtail", "start", "bare", "."], BARE)
    if size.runs:
        _measure(1, _run, _bare_run)


def run(size: Size) -> Result:
    """The medians of both."""
    measured = {"command": _measure(size.commands, _command, _bare_command)}
    if size.runs:
        measured["run"] = _measure(size.runs, _run, _bare_run)
    command, bare_command = measured["command"]
    return Result(
        "start",
        rows=1,
        rate=60 / command,
        floor_rate=60 / bare_command,
        more={
            "seconds": {name: round(ours, 2) for name, (ours, _) in measured.items()},
            "bare_seconds": {name: round(bare, 2) for name, (_, bare) in measured.items()},
        },
    )


def _measure(times: int, ours: Callable[[], float], bare: Callable[[], float]) -> tuple[float, float]:
    """The median seconds of both, asked in turn."""
    measured = [(ours(), bare()) for _ in range(times)]
    return median(each for each, _ in measured), median(each for _, each in measured)


def _command() -> float:
    return _call([*MANAGE, "check"], BASE_DIR)


def _bare_command() -> float:
    return _call([*MANAGE, "check"], BARE)


def _run() -> float:
    start = time.monotonic()
    with started(SITE):
        return time.monotonic() - start


def _bare_run() -> float:
    address = f"127.0.0.1:{free_port()}"
    start = time.monotonic()
    _call([*MANAGE, "migrate", "--verbosity=0"], BARE)
    with subprocess.Popen(
        [*MANAGE, "runserver", "--noreload", address],
        cwd=BARE,
        env=_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            assert wait_until(lambda: answers(f"http://{address}/"), READY_WITHIN)
            return time.monotonic() - start
        finally:
            server.kill()


def _call(command: Sequence[str], folder: Path) -> float:
    start = time.monotonic()
    subprocess.run(command, cwd=folder, env=_environment(), check=True, capture_output=True)
    return time.monotonic() - start


def _environment() -> dict[str, str]:
    """The developer's, as if no tests ran."""
    environment = {name: value for name, value in os.environ.items() if name not in OF_THIS_RUN}
    return {**environment, "DATA_DIR": f"{SITE}"}
