"""Clocks that are handed down, so that nothing below an entry point asks the machine for the time."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

Clock = Callable[[], datetime]
"""Gives the present moment (aware)."""


def ticking(now: datetime) -> Clock:
    """A clock that shows `now` at this moment, and goes on from there as the machine's own does.

    When that is put right meanwhile, so is this one: what has become out of date by the right time isn't sent, and
    a lease ends by the time that other workers see.
    """
    began = time.time()
    return lambda: now + timedelta(seconds=time.time() - began)
