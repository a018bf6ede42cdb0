"""How many workers of a process do the same at a time, and that nothing is left that somebody came for."""

import threading
from collections.abc import Callable

from notifications.work import turns
from notifications.work.turns import take_turn_beside

NAME = "knitting"
LONG = 10.0


class Held:
    """A step that takes until it is let go, once; and says when somebody is in it."""

    def __init__(self) -> None:
        self.entered, self.let_go = threading.Event(), threading.Event()

    def __call__(self) -> bool:
        self.entered.set()
        assert self.let_go.wait(LONG)
        return False


def never() -> None:
    raise AssertionError("nobody else is needed")


def started(step: Callable[[], bool], *, others: int) -> threading.Thread:
    thread = threading.Thread(target=take_turn_beside, args=(others, NAME, step), kwargs={"again": never})
    thread.start()
    return thread


def test_no_more_than_so_many_are_at_it_and_whoever_is_too_many_goes_away() -> None:
    steps = Held(), Held()
    threads = [started(step, others=1) for step in steps]
    assert all(step.entered.wait(LONG) for step in steps)
    third = Held()

    take_turn_beside(1, NAME, third, again=never)

    assert not third.entered.is_set()
    for step in steps:
        step.let_go.set()
    for thread in threads:
        thread.join(LONG)


def test_whoever_is_inside_looks_once_more_for_what_another_came_for() -> None:
    held, looks = Held(), []

    def step() -> bool:
        looks.append(None)
        return held() if len(looks) == 1 else False

    inside = started(step, others=0)
    assert held.entered.wait(LONG)
    take_turn_beside(0, NAME, never, again=never)
    held.let_go.set()
    inside.join(LONG)

    assert len(looks) == 2


def test_a_turn_ends_and_a_successor_is_woken(monkeypatch) -> None:
    monkeypatch.setattr(turns, "TURN", 0.0)
    woken = []

    take_turn_beside(0, NAME, lambda: True, again=lambda: woken.append(None))
    take_turn_beside(0, NAME, lambda: False, again=never)

    assert len(woken) == 1
