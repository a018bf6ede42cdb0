"""Waking workers by the name of what there is to do.

Nothing that writes work knows the queue: it says a name, and `tasks` has registered the Huey task that answers to it.
Losing a wake-up loses no work: the rows stay, and the next minute's sweep wakes somebody for them.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable
from enum import StrEnum
from functools import partial
from typing import Any, TypeVar

from django.db import transaction

logger = logging.getLogger(__name__)

URGENT, SOON, WHENEVER = 100, 50, 10
"""How soon the queue's workers take a task up, most urgent first."""


class Wakeup(StrEnum):
    """What the engine's workers can be woken for."""

    FAN_OUT = "fan_out"
    DELIVER = "deliver"
    SEND_SCHEDULED = "send_scheduled"
    CALL_LISTENERS = "call_listeners"
    RUN_PERIODIC = "run_periodic"
    ANSWER_SMS = "answer_sms"


Task = TypeVar("Task", bound=Callable[..., Any])
_tasks: dict[str, Callable[..., Any]] = {}


def answers_to(name: str) -> Callable[[Task], Task]:
    """Make a Huey task the one that is started for that name."""

    def decorator(task: Task) -> Task:
        _tasks[name] = task
        return task

    return decorator


class _Waking(threading.local):
    """The wake-ups of this thread, while it is at one."""

    def __init__(self) -> None:
        self.waiting: deque[Callable[[], None]] | None = None


_waking = _Waking()


def wake(name: str, *args: Any, delay: float | None = None) -> None:
    """Tell a worker that there is something to do, after so many seconds. If the queue is down, the sweep does it.

    Where tasks run in the process that calls them (TASKS=inline), what one of them wakes runs after it, not inside it.
    """
    task: Any = _tasks[name]
    call = partial(task, *args) if delay is None else partial(task.schedule, args, delay=delay)
    if _waking.waiting is not None:
        _waking.waiting.append(call)
        return
    _waking.waiting = deque([call])
    try:
        while _waking.waiting:
            _call(_waking.waiting.popleft())
    finally:
        _waking.waiting = None


def _call(task: Callable[[], None]) -> None:
    try:
        task()
    except Exception:
        logger.exception("The queue can't be reached; the sweep will find the work.")


def wake_on_commit(name: str, *args: Any) -> None:
    """Tell a worker after the transaction that writes the work."""
    transaction.on_commit(lambda: wake(name, *args))
