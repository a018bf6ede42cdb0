"""What one worker of a process does at a time: the others go away, and do something else."""

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import uuid4


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


_doors: defaultdict[str, OneAtATime] = defaultdict(OneAtATime)


@contextmanager
def alone(name: str) -> Iterator[bool]:
    """Gives whether nobody else of this process is at the work of that name, and keeps others from it inside."""
    door, owner = _doors[name], uuid4().hex
    admitted = door.admit(owner)
    try:
        yield admitted
    finally:
        if admitted:
            door.leave(owner)
