"""What only so many workers of a process do at a time: the others go away, and do something else."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime


class OneAtATime:
    """Admits one owner while no other is inside. Who was admitted until a moment is out when that has come."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owner = ""
        self._until: datetime | None = None

    def admit(self, owner: str, *, now: datetime | None = None, until: datetime | None = None) -> bool:
        """Whether this owner may enter; without `until` (aware, and `now` with it) they stay until they leave."""
        with self._lock:
            if self._owner and not (now and self._until and now > self._until):
                return False
            self._owner, self._until = owner, until
            return True

    def leave(self, owner: str) -> None:
        """Let the next one in. Harmless when this owner isn't inside."""
        with self._lock:
            if owner == self._owner:
                self._owner, self._until = "", None


_lock = threading.Lock()
_inside: Counter[str] = Counter()
_refused: Counter[str] = Counter()


@contextmanager
def one_of(at_most: int, name: str) -> Iterator[bool]:
    """Gives whether fewer than `at_most` of this process are at the work of that name, and inside is one of them."""
    with _lock:
        admitted = _inside[name] < at_most
        (_inside if admitted else _refused)[name] += 1
    try:
        yield admitted
    finally:
        if admitted:
            with _lock:
                _inside[name] -= 1


def alone(name: str) -> AbstractContextManager[bool]:
    """Gives whether nobody else of this process is at the work of that name, and keeps others from it inside."""
    return one_of(1, name)


def refused(name: str) -> int:
    """How many have not been admitted to that work so far. Whoever leaves it can tell if somebody came meanwhile."""
    return _refused[name]
