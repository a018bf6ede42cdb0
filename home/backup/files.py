"""What of the data folder belongs to the site: uploads, and the key by which push services know it."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from django.conf import settings

from home.backup.archive import BackupError

MEDIA = "media"
SINGLE = ("vapid-private-key",)
"""Files of DATA_DIR. Without this one, everybody would have to turn notifications on again."""
_BLOCK = 1 << 20


def belonging() -> Iterator[tuple[str, Path]]:
    """Each file with its name in the backup."""
    for name in SINGLE:
        path = Path(settings.DATA_DIR) / name
        if path.is_file():
            yield name, path
    media = Path(settings.MEDIA_ROOT)
    for path in sorted(media.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield f"{MEDIA}/{path.relative_to(media).as_posix()}", path


def has_uploads() -> bool:
    """Whether anybody has uploaded anything here."""
    return any(path.is_file() for path in Path(settings.MEDIA_ROOT).rglob("*"))


def write(name: str, content: IO[bytes]) -> None:
    """Write a file back to where it was, for the site alone to read."""
    path = _place(name)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("wb") as file:
        path.chmod(0o600)
        while block := content.read(_BLOCK):
            file.write(block)


def _place(name: str) -> Path:
    parts = PurePosixPath(name).parts
    if name in SINGLE:
        return Path(settings.DATA_DIR) / name
    if parts[0] != MEDIA or len(parts) < 2 or ".." in parts:
        raise BackupError(f"The backup has a file that is of no use here: {name}.")
    return Path(settings.MEDIA_ROOT).joinpath(*parts[1:])
