"""A file system of its own, which can be filled and freed."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

MEGABYTE = 2**20
SIZE = 96 * MEGABYTE


@dataclass(frozen=True)
class SmallDisk:
    path: Path

    def fill(self) -> None:
        with (self.path / "ballast").open("ab", buffering=0) as ballast, suppress(OSError):
            while True:
                ballast.write(bytes(4096))
        assert shutil.disk_usage(self.path).free < 4096

    def free(self) -> None:
        (self.path / "ballast").unlink()


@contextmanager
def small_disk() -> Iterator[SmallDisk]:
    with tempfile.TemporaryDirectory(prefix="mg-disk-") as folder:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", folder]
        subprocess.run(mount, check=True, capture_output=True)
        try:
            yield SmallDisk(Path(folder))
        finally:
            subprocess.run(["umount", folder], check=True)


def can_be_made() -> bool:
    """Whether this process may mount one: it takes root, and a container that lets root do so."""
    try:
        with small_disk():
            return True
    except (OSError, subprocess.CalledProcessError):
        return False
