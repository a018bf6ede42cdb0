"""What a process and its children have of memory."""

from collections.abc import Iterator
from pathlib import Path


def mib_of(pid: int) -> float:
    """Of all of them together, in MiB. What several share counts once: each has its part of it (PSS)."""
    return sum(map(_pss_kib, _family(pid))) / 1024


def _family(pid: int) -> Iterator[int]:
    yield pid
    for thread in Path(f"/proc/{pid}/task").glob("*"):
        try:
            children = (thread / "children").read_text().split()
        except OSError:
            continue
        for child in children:
            yield from _family(int(child))


def _pss_kib(pid: int) -> int:
    """0 of one that has ended meanwhile, or where Linux isn't."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
