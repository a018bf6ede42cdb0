"""What samples say: whether memory is flat, whether the site keeps its pace, whether its sessions pile up."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

LEAST = 8
"""Samples: of fewer nothing is said."""
GROWTH_MIB, GROWTH_SHARE = 8.0, 0.05
"""What a process may have grown by over the second half: the larger of both, MiB and a share of what it has."""
PACE = 0.9
"""The least that the last quarter's rate may be of the second one's. The first is for whatever warms up."""
LATEST = 60.0
"""Seconds that due work may have waited in the last quarter."""
MORE_SESSIONS = 5


@dataclass(frozen=True, slots=True)
class Sample:
    """`at` is seconds from the beginning, `memory` the MiB of each process with its children, `told` and `pages` are
    counted from the beginning, `oldest` is for how many seconds the oldest due work has waited.
    """

    at: float
    memory: Mapping[str, float]
    told: int
    pages: int
    oldest: float
    sessions: int


def faults(samples: Sequence[Sample]) -> Iterator[str]:
    """What isn't flat, a line each."""
    if len(samples) < LEAST:
        return
    half, quarter = samples[len(samples) // 2 :], max(2, len(samples) // 4)
    second, last = samples[quarter - 1 : 2 * quarter], samples[-quarter - 1 :]
    for process in samples[0].memory:
        mib = [sample.memory[process] for sample in half]
        growth = slope([sample.at for sample in half], mib) * (half[-1].at - half[0].at)
        if growth > max(GROWTH_MIB, GROWTH_SHARE * fmean(mib)):
            yield f"{process} has grown by {growth:.0f} MiB over the second half, to {mib[-1]:.0f}."
    before, after = pages_a_second(second), pages_a_second(last)
    if after < PACE * before:
        yield f"{after:.1f} pages a second in the last quarter, {before:.1f} in the second."
    if (oldest := max(sample.oldest for sample in last)) > LATEST:
        yield f"Due work has waited for {oldest:.0f} s in the last quarter."
    then, now = (fmean(sample.sessions for sample in part) for part in (second, last))
    if now > then + MORE_SESSIONS:
        yield f"{now:.0f} sessions of the database in the last quarter, {then:.0f} in the second."


def pages_a_second(samples: Sequence[Sample]) -> float:
    first, last = samples[0], samples[-1]
    return (last.pages - first.pages) / (last.at - first.at)


def slope(at: Sequence[float], values: Sequence[float]) -> float:
    """By how much the values grow a second: the line through them with the least squares."""
    mean_at, mean_value = fmean(at), fmean(values)
    spread = sum((each - mean_at) ** 2 for each in at)
    together = sum((when - mean_at) * (value - mean_value) for when, value in zip(at, values, strict=True))
    return together / spread if spread else 0.0
