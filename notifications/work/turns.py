"""Turns: after a few seconds a task lets others go first and its consumer stop, and wakes its successor."""

import time
from collections.abc import Callable

from notifications.work.one_at_a_time import alone, one_of, refused

TURN = 2.0
"""Seconds."""


def take_turn(step: Callable[[], bool], *, again: Callable[[], None]) -> None:
    """Go on as long as there is something to do, but not beyond a turn; then let a successor do the rest."""
    over = time.monotonic() + TURN
    while step():
        if time.monotonic() >= over:
            again()
            return


def take_turn_beside(others: int, name: str, step: Callable[[], bool], *, again: Callable[[], None]) -> None:
    """The same, but beside no more than so many `others` of this process at the work of that name: to these who isn't
    admitted leaves it.
    """
    over = time.monotonic() + TURN
    while True:
        before = refused(name)
        with one_of(others + 1, name) as admitted:
            if not admitted:
                return
            while step():
                if time.monotonic() >= over:
                    again()
                    return
        # Whoever came in the meantime found the door closed and went: look once more.
        if refused(name) == before:
            return


def take_turn_alone(
    name: str, work: Callable[[float], bool], *, is_more: Callable[[], bool], again: Callable[..., None]
) -> None:
    """Take a turn at work that one worker of a process does at a time.

    `work(over)` goes on until that monotonic time, and says whether it found anything to do. `again` wakes a successor,
    after `delay` seconds if it is told any.
    """
    over = time.monotonic() + TURN
    while True:
        with alone(name) as admitted:
            if not admitted:
                return
            found = work(over)
        # Whoever came in the meantime found the door closed and went: look once more.
        if not is_more():
            return
        if not found or time.monotonic() >= over:
            # Either the turn is over, or what is left has to wait until another row is done.
            again(delay=None if found else 1.0)
            return
