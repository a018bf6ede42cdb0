"""Translations are kept as text (.po) and compiled where they are used (.mo), so that nobody needs gettext."""

import os
from pathlib import Path

import polib

BASE_DIR = Path(__file__).resolve().parent.parent

LOCALE = BASE_DIR / "locale"


def compile_catalogues(folder: Path = LOCALE) -> list[Path]:
    """Compiles each catalogue that is newer than what was made from it; returns those, in order."""
    made = []
    for source in sorted(folder.glob("**/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime_ns < source.stat().st_mtime_ns:
            # Written aside and moved: two that start at once never read half a file.
            fresh = target.with_suffix(f".{os.getpid()}")
            polib.pofile(str(source)).save_as_mofile(str(fresh))
            fresh.replace(target)
            made.append(target)
    return made


if __name__ == "__main__":
    for path in compile_catalogues():
        print(f"Compiled {path.relative_to(BASE_DIR)}.")
