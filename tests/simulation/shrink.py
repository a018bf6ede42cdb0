"""The shortest program that still fails."""

from collections.abc import Callable, Sequence
from typing import TypeVar

Item = TypeVar("Item")


def shortest(
    items: Sequence[Item], fails: Callable[[Sequence[Item]], bool], *, tries: int | None = None
) -> tuple[Item, ...]:
    """Some of these items that fail together, none of which can be left out (Zeller's ddmin, 2002).

    `fails` is true of all of them. With so many `tries` they are as few as those showed.
    """
    left, parts, tried = tuple(items), 2, 0
    while len(left) > 1:
        size = -(-len(left) // parts)
        for start in range(0, len(left), size):
            tried += 1
            if tries is not None and tried > tries:
                return left
            rest = left[:start] + left[start + size :]
            if fails(rest):
                left, parts = rest, max(parts - 1, 2)
                break
        else:
            if size == 1:
                break
            parts = min(2 * parts, len(left))
    return () if len(left) == 1 and fails(()) else left
