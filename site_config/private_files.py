"""The data folder is the site's alone: nobody else on the machine reads its files, whatever their umask is."""

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

FILE = 0o600
FOLDER = 0o700
_OTHERS = 0o077


def begin(folder: Path) -> None:
    """For each process as it starts: what it makes from now on is its own user's, and so is this folder."""
    os.umask(_OTHERS)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _close(folder)
    except OSError as error:
        sys.exit(f"The environment: DATA_DIR: {folder} can't be the site's folder ({error.strerror}).")


def close_all(folder: Path) -> int:
    """Take from everybody else what an earlier version, or somebody with a lax umask, left open; returns how much."""
    return sum(map(_close, _below(folder)))


def _below(folder: Path) -> Iterator[Path]:
    for here, folders, files in os.walk(folder):
        yield from (Path(here, name) for name in (*folders, *files))


def _close(path: Path) -> bool:
    """Whether it was open. Links, and what belongs to somebody else, stay as they are."""
    # What is temporary may be gone by now.
    with suppress(FileNotFoundError):
        found = path.lstat()
        is_ours = found.st_uid == os.geteuid() and not stat.S_ISLNK(found.st_mode)
        if is_ours and found.st_mode & _OTHERS:
            path.chmod(stat.S_IMODE(found.st_mode) & ~_OTHERS)
            return True
    return False


if __name__ == "__main__":
    from site_config.environment import DATA_DIR

    print(f"{close_all(DATA_DIR)} files and folders were open to others.")
