"""How much of the processors another process has had."""

from pathlib import Path


def seconds_of(pid: int) -> float:
    """Seconds that the first thread of a process ran, which is all of a session of PostgreSQL; 0 where Linux isn't."""
    try:
        ran, _waited, _times = Path(f"/proc/{pid}/schedstat").read_text().split()
    except OSError:
        return 0.0
    return int(ran) / 1e9
