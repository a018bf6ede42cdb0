"""From where on a lane is looked through (docs/decisions/0154).

PostgreSQL's index keeps what was finished until a vacuum takes it away, and none may while any transaction of the
database is older. Then each look for what is due goes past all that was finished since, and takes longer each time. So
a look that took long leaves a mark at the first row that it found, and the next ones of this process begin there.
"""

import threading
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime

QUICK = 0.01
"""Seconds. A look that takes no longer leaves no mark."""
REST = 20
"""How many times as long as it took nobody looks from the beginning again: that costs a twentieth of a worker."""


@dataclass(slots=True)
class _Mark:
    due_at: datetime
    took: float
    until: float


class Marks:
    """One for each lane. `at` is monotonic time, in seconds.

    What lies before a mark is not seen from it: a row whose worker died, say, or one that was committed late. It is
    seen when nothing else is to be had, or when the mark is over.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._marks: dict[Hashable, _Mark] = {}

    def begin(self, lane: Hashable, *, at: float) -> datetime | None:
        """From when on to look; None from the beginning. When a mark is over, one is told so, and others go by it until
        that one has looked.
        """
        with self._lock:
            mark = self._marks.get(lane)
            if mark is None:
                return None
            if at >= mark.until:
                mark.until = at + REST * mark.took
                return None
            return mark.due_at

    def last(self, lane: Hashable) -> datetime | None:
        """Where the mark is, for who only wants to know whether there is anything."""
        mark = self._marks.get(lane)
        return mark and mark.due_at

    def looked(self, lane: Hashable, first: datetime, *, took: float, at: float, whole: bool) -> None:
        """The first row that was found is due at `first`; `whole` says that it was looked for from the beginning."""
        with self._lock:
            if not whole:
                if lane in self._marks:
                    self._marks[lane].due_at = first
            elif took <= QUICK:
                self._marks.pop(lane, None)
            else:
                self._marks[lane] = _Mark(first, took, at + REST * took)


marks = Marks()
