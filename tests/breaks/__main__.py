"""`python -m tests.breaks`: whether each break is caught. Exits with 1 when one isn't, or a test fails unbroken."""

import argparse
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.breaks.copy import broken, copied
from tests.breaks.edit import Break
from tests.breaks.rooms import BREAKS

LONGEST = 180.0
"""Seconds. Tests that hang have noticed nothing."""
_FAILED = re.compile(r"^\d+ failed\b", re.MULTILINE)
# What was compiled is that of the copy as it is unbroken.
_COMPILING_NOTHING = {"PYTHONDONTWRITEBYTECODE": "1"}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.breaks", description=__doc__)
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=[each.name for each in BREAKS])
    parser.add_argument("--list", action="store_true", help="say which there are, and run nothing")
    asked = parser.parse_args()
    chosen = [each for each in BREAKS if asked.only is None or each.name in asked.only]
    if asked.list:
        for each in chosen:
            print(f"{each.name}  {each.file}")
        return 0
    with copied() as copy:
        whole = _run(copy, dict.fromkeys(test for each in chosen for test in each.tests), {})
        if whole is None or whole.returncode != 0:
            print(_said(whole))
            print("These tests fail without a break.")
            return 1
        missed = [each for each in chosen if not _is_caught(copy, each)]
    return 1 if missed else 0


def _is_caught(copy: Path, each: Break) -> bool:
    """Break it, run its tests, and say what came of it in a line; why, where it was missed."""
    began = time.monotonic()
    with broken(copy, each):
        ran = _run(copy, each.tests, _COMPILING_NOTHING)
    # 1 is for tests that failed; one that couldn't be set up or loaded has looked at nothing.
    caught = ran is not None and ran.returncode == 1 and _FAILED.search(ran.stdout) is not None
    print(f"{'caught' if caught else 'MISSED'} {each.name} {time.monotonic() - began:.1f}", flush=True)
    if not caught:
        print(_said(ran), flush=True)
    return caught


def _run(
    copy: Path, tests: Iterable[str], environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str] | None:
    """Pytest in the copy, up to the first failure; None when it came to no end."""
    try:
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-q", "--color=no", *tests],
            cwd=copy,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LONGEST,
        )
    except subprocess.TimeoutExpired:
        return None


def _said(ran: subprocess.CompletedProcess[str] | None) -> str:
    if ran is None:
        return f"    It took longer than {LONGEST:.0f} s."
    return "\n".join(
        f"    {line}" for line in [f"exit code {ran.returncode}", *ran.stdout.splitlines()[-15:]]
    )


if __name__ == "__main__":
    sys.exit(main())
