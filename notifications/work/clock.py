"""Clocks that are handed down, so that nothing below an entry point asks the machine for the time."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

Clock = Callable[[], datetime]
"""Gives the present moment (aware)."""


def ticking(now: datetime) -> Clock:
    """A clock that shows `now` at this moment and goes on from there, however the machine's own is set meanwhile."""
    began = _seconds()
    return lambda: now + timedelta(seconds=_seconds() - began)


def _seconds() -> float:
    # Where there is one, the clock that goes on while a machine sleeps: a lease ends all the same.
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
