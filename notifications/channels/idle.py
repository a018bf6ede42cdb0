"""Connections that stay open between batches: as a rule one to each provider in each process."""

import time
from collections.abc import Callable
from typing import Generic, TypeVar

IDLE = 30.0
"""Seconds for which one is kept. Later, mail servers hang up, and firewalls forget it without a word."""

Kept = TypeVar("Kept")


class Idle(Generic[Kept]):
    """What is open and in nobody's use. Whoever takes one has it alone, until they leave it here again."""

    def __init__(self, close: Callable[[Kept], object]) -> None:
        self._close = close
        # A list gives each to one thread.
        self._left: list[tuple[float, Kept]] = []

    def take(self) -> Kept | None:
        """One that was left no longer than IDLE ago; those that were are closed."""
        while self._left:
            since, kept = self._left.pop()
            if time.monotonic() - since < IDLE:
                return kept
            self._close(kept)
        return None

    def leave(self, kept: Kept) -> None:
        """For the next one to take."""
        self._left.append((time.monotonic(), kept))
