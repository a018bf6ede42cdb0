"""What nobody finished: found, given up where it is poison, and handed out again."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy

from notifications.models import PeriodicRun, Work
from notifications.work.leases import count_due
from notifications.work.periodic import periodic_task
from notifications.work.quarantine import give_up_poison
from notifications.work.wakeups import Wakeup, wake


@dataclass(frozen=True, slots=True)
class Unfinished:
    """One kind of work, as the sweep looks for it.

    `due(now)` gives what its worker is to be woken with when some of it may be taken now: an empty tuple where there is
    only one worker for all of it, one tuple for each channel where each has its own, nothing when nothing is due.
    `model` has the rows that are given up when they have stopped their workers too often.
    """

    wakeup: str
    due: Callable[[datetime], Iterable[tuple[str, ...]]]
    model: type[Work] | None = None


_kinds: dict[str, Unfinished] = {}


def register(kind: Unfinished) -> None:
    """Have the sweep look for this kind of work too."""
    _kinds[kind.wakeup] = kind


def one_worker(is_due: Callable[[datetime], bool]) -> Callable[[datetime], Iterable[tuple[str, ...]]]:
    """The `due` of a kind with one worker for all of it."""
    return lambda now: [()] if is_due(now) else []


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep did: how many rows it gave up, and which workers it woke, with what."""

    given_up: int
    woken: tuple[tuple[str, tuple[str, ...]], ...]

    def __str__(self) -> str:
        names = [" ".join((wakeup, *args)) for wakeup, args in self.woken]
        return f"Stopped trying {self.given_up}; restarted: {', '.join(names) or 'nothing'}"


def sweep(*, now: datetime) -> Swept:
    """Look through all unfinished work, and wake workers for what is due. It costs a few index look-ups."""
    given_up = sum(give_up_poison(kind.model, now=now) for kind in _kinds.values() if kind.model is not None)
    woken = tuple((kind.wakeup, args) for kind in _kinds.values() for args in kind.due(now))
    for wakeup, args in woken:
        wake(wakeup, *args)
    return Swept(given_up, woken)


@periodic_task("Sweep", cron="* * * * *", essential=True, label=gettext_lazy("Check for stuck messages"))
def sweep_for_work(slot: datetime) -> str:
    """Find what nobody finished."""
    return str(sweep(now=timezone.now()))


register(
    Unfinished(Wakeup.RUN_PERIODIC, one_worker(lambda now: count_due(PeriodicRun, now=now) > 0), PeriodicRun)
)
