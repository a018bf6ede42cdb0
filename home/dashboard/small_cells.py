"""Numbers that would say something of few people, left out. Pure.

A split by language says where people come from, and what is said of one or two says it of them. Where only one line of
a split is left out, the total and the others would give it away, so the smallest of the others is left out too.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from home.dashboard.month import Line

FEWEST = 5
"""Of fewer people no number is said, but that there are none."""


def without_small_cells(lines: Sequence[Line], clinics: Sequence[Sequence[Line]] = ()) -> list[Line]:
    """These lines, with neither number nor whole where they are sensitive and say something of fewer than `FEWEST`.

    Where they are the sums of several `clinics`, one is left out too if it is at exactly one of these: the others would
    give that one away.
    """
    split = [each for each in lines if each.sensitive]
    at_clinics = Counter(
        each.name for own in clinics for each in without_small_cells(own) if each.number is None
    )
    hidden = [each for each in split if _is_small(each) or at_clinics[each.name] == 1]
    others = [each for each in split if each not in hidden and _size(each)]
    if len(hidden) == 1 and others:
        hidden.append(min(others, key=_size))
    return [replace(each, number=None, whole=None) if each in hidden else each for each in lines]


def _is_small(line: Line) -> bool:
    return any(0 < each < FEWEST for each in _numbers(line))


def _size(line: Line) -> int:
    return max(_numbers(line), default=0)


def _numbers(line: Line) -> Iterable[int]:
    """Those who are counted, all of them, and those who aren't."""
    if line.number is not None:
        yield int(line.number)
        if line.whole is not None:
            yield from (line.whole, line.whole - int(line.number))
