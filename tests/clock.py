"""A clock for the whole run: `pytest --clock 2028-02-29T12:00` lives that moment, and the time goes on from there.

A moment without an offset is one on the wall of the site (`settings.TIME_ZONE`); with one, as in
`2027-03-28T00:30Z`, it is that. Each worker of pytest-xdist begins at this moment by itself. Only Python's own
clock is moved, and only in the processes of pytest: programs that a test starts, PostgreSQL, Redis, TLS and the
file system keep the machine's. `time.monotonic`, which turns, waits and pytest's own durations are measured by, goes
on as before. A test that travels (`time_machine.travel`) comes back to this clock.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings


def add_option(parser: pytest.Parser) -> None:
    parser.addoption(
        "--clock",
        metavar="MOMENT",
        type=parse_moment,
        help="run at this moment (ISO 8601), which then goes on",
    )


def start(config: pytest.Config) -> None:
    """Move the clock, if it is asked for, until pytest ends."""
    moment: datetime | None = config.getoption("--clock")
    if moment is not None:
        travel = time_machine.travel(moment.timestamp(), tick=True)
        travel.start()
        config.add_cleanup(travel.stop)


def header(config: pytest.Config) -> str | None:
    moment: datetime | None = config.getoption("--clock")
    return f"clock: starts at {moment.isoformat()}" if moment else None


def parse_moment(text: str) -> datetime:
    """ValueError for what is none."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(settings.TIME_ZONE))
