"""One run of a program."""

import logging
import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from random import Random
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import time_machine
from django.db import transaction
from django.test import override_settings
from django.utils import timezone, translation
from wagtail.signal_handlers import disable_reference_index_auto_update

from notifications.pipeline import batch
from notifications.work import marks, wakeups
from tests.simulation import acts, deaths, invariants, outside, world
from tests.simulation.consumers import switch_on
from tests.simulation.digest import digest, number_from_one
from tests.simulation.program import Act, Program
from tests.simulation.scene import Scene


@dataclass(frozen=True)
class Ended:
    """What became of a program: what was found wrong, if anything, and what was done up to there."""

    program: Program
    wrong: tuple[str, ...]
    story: tuple[str, ...]
    rows: str = ""
    """The digest of all that was written."""


THOROUGHLY = 4
"""After so many acts all is looked at; after the others what may heal."""


def run(program: Program, *, with_digest: bool = False, thoroughly: int = THOROUGHLY) -> Ended:
    """Run it in a transaction that is rolled back. It ends at the first act after which something doesn't hold."""
    story: list[str] = []
    start = world.beginning(program.seed)
    with _apart(start) as (clock, errors):
        random.seed(program.seed)
        number_from_one()
        beyond = outside.Outside()
        outside.connect(beyond)
        people = world.make(program.seed, start)
        switch_on(start)
        judge = invariants.Judge(people, beyond)
        running = Scene(clock, people, beyond, judge)
        beyond.witness, beyond.pass_time = judge.leaves, running.pass_time
        judge.look()
        for number, act in enumerate(program.acts):
            random.seed(act.seed)
            beyond.luck.clear()
            before = running.now
            said = _act(running, act)
            story.append(f"{number} {before:%m-%d %H:%M:%S} {act}: {said}")
            if not judge.wrong:
                judge.look(thoroughly=number % thoroughly == 0)
            judge.wrong += errors
            if judge.wrong:
                break
        else:
            acts.settle(running)
            judge.look()
            judge.look_at_the_end()
            judge.wrong += errors
        rows = digest() if with_digest else ""
        return Ended(program, tuple(judge.wrong), tuple(story), rows)


def _act(running: Scene, act: Act) -> str:
    chance = Random(act.seed)
    try:
        return acts.ACTS[act.name].do(running, chance)
    except Exception as error:
        running.judge.wrong.append(f"{act.name} broke: {type(error).__name__}: {error}")
        return "broke"


@contextmanager
def _apart(start: datetime) -> Iterator[tuple[Any, list[str]]]:
    """A clock of its own, rows that go, and a note of whatever is logged as an error."""
    errors: list[str] = []
    with ExitStack() as stack:
        # As in production: with DEBUG each statement is noted, which takes a sixth of the time.
        stack.enter_context(override_settings(DEBUG=False, **outside.settings()))
        clock = stack.enter_context(time_machine.travel(start, tick=False))
        # A batch is looked at again after half a second: by this clock, not by how fast the machine is.
        moment = SimpleNamespace(monotonic=lambda: timezone.now().timestamp())
        stack.enter_context(patch.object(batch, "time", moment))
        # Each look at what is due takes long, so that the next ones begin where it found something.
        looks = count()
        ticks = SimpleNamespace(monotonic=lambda: next(looks))
        stack.enter_context(patch.multiple(marks, time=ticks, LONG=0, _marks={}))
        # Nobody is woken: consumers come when their time has come.
        stack.enter_context(patch.object(wakeups, "_call", lambda _task: None))
        stack.enter_context(translation.override("en"))
        stack.enter_context(disable_reference_index_auto_update())
        stack.enter_context(_noting(errors))
        stack.enter_context(transaction.atomic())
        stack.enter_context(deaths.processes_can_die())
        try:
            yield clock, errors
        finally:
            transaction.set_rollback(True)


@contextmanager
def _noting(errors: list[str]) -> Iterator[None]:
    """Whatever broke inside was logged; but for what the providers' nonsense breaks."""

    class Note(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            why = record.exc_info[1] if record.exc_info else None
            if isinstance(why, ValueError) and "not what a provider says" in str(why):
                return
            errors.append(f"logged: {record.getMessage()} ({type(why).__name__}: {why})")

    note = Note(logging.ERROR)
    root = logging.getLogger()
    handlers = root.handlers[:]
    root.handlers[:] = [note]
    try:
        yield
    finally:
        root.handlers[:] = handlers
