"""Waking workers by the name of what there is to do.

Nothing that writes work knows the queue: it says a name, and `tasks` has registered the Huey task that answers to it.
Losing a wake-up loses no work: the rows stay, and the next minute's sweep wakes somebody for them.
"""

import logging
from collections.abc import Callable
from enum import StrEnum
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


def wake(name: str, *args: Any, delay: float | None = None) -> None:
    """Tell a worker that there is something to do, after so many seconds. If the queue is down, the sweep does it."""
    task: Any = _tasks[name]
    try:
        if delay is None:
            task(*args)
        else:
            task.schedule(args, delay=delay)
    except Exception:
        logger.exception("The queue can't be reached; the sweep will find the work.")


def wake_on_commit(name: str, *args: Any) -> None:
    """Tell a worker after the transaction that writes the work."""
    transaction.on_commit(lambda: wake(name, *args))
