"""Waking workers by the name of what there is to do.

Nothing that writes work knows the queue: it says a name, and `tasks` has registered the Huey task that answers to it.
Losing a wake-up loses no work: the rows stay, and the next minute's sweep wakes somebody for them. A queue that can't
be reached is told again until it can, so that work goes on as soon as it is back.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar

from django.db import transaction

logger = logging.getLogger(__name__)

URGENT, SOON, WHENEVER = 100, 50, 10
"""How soon the queue's workers take a task up, most urgent first."""
AGAIN_EVERY = 1.0
"""Seconds after which a queue that couldn't be reached is told again."""


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


class _Call(NamedTuple):
    """The task that is to be run, with what, and after how many seconds."""

    task: Any
    args: tuple[Any, ...]
    delay: float | None

    def __call__(self) -> None:
        if self.delay is None:
            self.task(*self.args)
        else:
            self.task.schedule(self.args, delay=self.delay)


class _Unheard:
    """The calls of this process that the queue didn't hear, said again until it hears them."""

    def __init__(self) -> None:
        self._calls: list[_Call] = []
        self._is_said_again = False
        self._lock = threading.Lock()

    def add(self, call: _Call) -> None:
        with self._lock:
            self._keep(call)
            if self._is_said_again:
                return
            self._is_said_again = True
        threading.Thread(target=self._say_again, name="unheard wake-ups", daemon=True).start()

    def _say_again(self) -> None:
        while True:
            time.sleep(AGAIN_EVERY)
            while call := self._next():
                try:
                    call()
                except Exception:
                    logger.debug("The queue still can't be reached.", exc_info=True)
                    with self._lock:
                        self._keep(call)
                    break
            else:
                return

    def _keep(self, call: _Call) -> None:
        if call not in self._calls:
            self._calls.append(call)

    def _next(self) -> _Call | None:
        """Taken out before it is said: what is added meanwhile is said once more."""
        with self._lock:
            self._is_said_again = bool(self._calls)
            return self._calls.pop() if self._calls else None


_unheard = _Unheard()


class _Waking(threading.local):
    """The wake-ups of this thread, while it is at one."""

    def __init__(self) -> None:
        self.waiting: deque[_Call] | None = None


_waking = _Waking()


def wake(name: str, *args: Any, delay: float | None = None) -> None:
    """Tell a worker that there is something to do, after so many seconds. If the queue is down, it is told when it is
    back, or the sweep does it.

    Where tasks run in the process that calls them (TASKS=inline), what one of them wakes runs after it, not inside it.
    """
    call = _Call(_tasks[name], args, delay)
    if _waking.waiting is not None:
        _waking.waiting.append(call)
        return
    _waking.waiting = deque([call])
    try:
        while _waking.waiting:
            _call(_waking.waiting.popleft())
    finally:
        _waking.waiting = None


def _call(call: _Call) -> None:
    try:
        call()
    except Exception:
        logger.exception("The queue can't be reached; it is told again every second.")
        _unheard.add(call)


def wake_on_commit(name: str, *args: Any) -> None:
    """Tell a worker after the transaction that writes the work."""
    transaction.on_commit(lambda: wake(name, *args))
