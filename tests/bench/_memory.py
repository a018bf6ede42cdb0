"""How much memory this process has had at most."""

import resource
import sys


def peak_mib() -> float:
    """The most that was resident since the process began, in MiB. It never falls."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10
