"""Rows whose worker died are suspects: one of them kills its workers, the others were only there.

In one process one suspect is worked on at a time. If the process dies again, it is known of which.
"""

import threading
from datetime import datetime


class OneAtATime:
    """Admits a claim while no other is inside; whoever forgets to leave is out when their lease is."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owner = ""
        self._until: datetime | None = None

    def admit(self, owner: str, *, now: datetime, until: datetime) -> bool:
        with self._lock:
            if self._until is not None and now <= self._until:
                return False
            self._owner, self._until = owner, until
            return True

    def leave(self, owner: str) -> None:
        with self._lock:
            if owner == self._owner:
                self._until = None


suspects = OneAtATime()
