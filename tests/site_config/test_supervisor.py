"""Real child processes: what the supervisor promises about starting, restarting and stopping them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

WRITES_ITS_ID = "import os, pathlib; pathlib.Path({path!r}).open('a').write(f'{{os.getpid()}}\\n')"
WAITS = "import time; time.sleep(600)"
IGNORES_TERM = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
SUPERVISE = """
import sys
from site_config.supervisor import Supervisor
commands = {{f"child{{number}}": [sys.executable, "-c", code] for number, code in enumerate(sys.argv[1:])}}
sys.exit(Supervisor(commands, grace={grace}, first_pause=0.05).run())
"""

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def supervise() -> Iterator[Start]:
    started: list[subprocess.Popen[str]] = []

    def start(*codes: str, grace: float = 8.0) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", SUPERVISE.format(grace=grace), *codes]
        started.append(subprocess.Popen(command, stderr=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for process in started:
        with process:
            process.kill()


def child(path: Path, *more: str) -> str:
    """The code of a child that appends its process id to the file, then does more."""
    return "; ".join([*more[:-1], WRITES_ITS_ID.format(path=str(path)), more[-1]])


def process_ids(path: Path) -> list[int]:
    return [int(line) for line in path.read_text().splitlines()] if path.exists() else []


def alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


def eventually(holds: Callable[[], bool], within: float = 10.0) -> bool:
    last_moment = time.monotonic() + within
    while not holds():
        if time.monotonic() > last_moment:
            return False
        time.sleep(0.02)
    return True


def test_a_killed_process_is_started_again_and_the_other_is_left_alone(
    supervise: Start, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    process = supervise(child(first, WAITS), child(second, WAITS))
    assert eventually(lambda: bool(process_ids(first) and process_ids(second)))

    os.kill(process_ids(first)[0], signal.SIGKILL)

    assert eventually(lambda: len(process_ids(first)) == 2)
    assert alive(process_ids(first)[1])
    assert len(process_ids(second)) == 1
    process.terminate()
    said = process.communicate(timeout=10)[1]
    assert said == "The child0 process was ended by SIGKILL; it starts again in 0.05 s.\n"


def test_it_waits_twice_as_long_before_each_new_start(supervise: Start, tmp_path: Path) -> None:
    path = tmp_path / "ids"
    process = supervise(child(path, "raise SystemExit(3)"))
    assert eventually(lambda: len(process_ids(path)) == 4)
    process.terminate()
    said = process.communicate(timeout=10)[1].splitlines()
    pauses = ["0.05 s.", "0.1 s.", "0.2 s."]
    assert said[:3] == [
        f"The child0 process ended with code 3; it starts again in {pause}" for pause in pauses
    ]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_both_and_ends_well(supervise: Start, tmp_path: Path, number: signal.Signals) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    process = supervise(child(first, WAITS), child(second, WAITS))
    assert eventually(lambda: bool(process_ids(first) and process_ids(second)))

    process.send_signal(number)

    assert process.wait(timeout=5) == 0
    assert not any(alive(each) for each in process_ids(first) + process_ids(second))


def test_a_process_that_does_not_listen_is_killed(supervise: Start, tmp_path: Path) -> None:
    path = tmp_path / "ids"
    process = supervise(child(path, IGNORES_TERM, WAITS), grace=0.2)
    assert eventually(lambda: bool(process_ids(path)))

    process.terminate()

    assert process.wait(timeout=5) == 0
    assert not alive(process_ids(path)[0])
    assert process.communicate()[1] == "The child0 process did not stop within 0.2 s and is killed.\n"


def test_what_a_process_started_itself_goes_with_it(supervise: Start, tmp_path: Path) -> None:
    path = tmp_path / "ids"
    grandchild = child(path, IGNORES_TERM, WAITS)
    process = supervise(
        f"import subprocess, sys; subprocess.run([sys.executable, '-c', {grandchild!r}])", grace=0.2
    )
    assert eventually(lambda: bool(process_ids(path)))

    process.terminate()

    assert process.wait(timeout=5) == 0
    assert eventually(lambda: not alive(process_ids(path)[0]))


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux tells a process that its parent died"
)
def test_nothing_stays_behind_when_the_supervisor_itself_is_killed(supervise: Start, tmp_path: Path) -> None:
    path = tmp_path / "ids"
    process = supervise(child(path, WAITS))
    assert eventually(lambda: bool(process_ids(path)))

    process.kill()

    assert eventually(lambda: not alive(process_ids(path)[0]))
