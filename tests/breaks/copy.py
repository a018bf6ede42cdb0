"""A copy of the project that may be broken."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.breaks.edit import Break

ROOT = Path(__file__).parents[2]


@contextmanager
def copied() -> Iterator[Path]:
    """What git knows of, as it is in the working tree now, in a folder of its own; gone afterwards."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout
    with tempfile.TemporaryDirectory(prefix="medguard-breaks-") as folder:
        copy = Path(folder)
        for name in filter(None, listed.split("\0")):
            if (ROOT / name).is_file():
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, copy / name)
        yield copy


@contextmanager
def broken(copy: Path, each: Break) -> Iterator[None]:
    """The copy with this break in it, and without it afterwards."""
    path = copy / each.file
    text, times = path.read_text(), path.stat()
    path.write_text(each.applied(text))
    try:
        yield
    finally:
        path.write_text(text)
        # Python takes what it compiled by the time of the file: it must be the time from before.
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
