"""Finds a Chromium that runs, or gets one: python -m tests.browser.chromium prints its path.

A headless shell is preferred, if it is on the PATH: Chromium's engine without the windows of a browser, which nobody
sees here, and of which a whole one opens one for each visit. They take longer than most of the pages in them.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from playwright.sync_api import sync_playwright

SHELLS = ("chromium-headless-shell", "chrome-headless-shell")
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class NoChromiumError(Exception):
    """None is there and none could be had; the text says what to do."""


def find() -> str | None:
    """The one that `CHROMIUM` names, one on the PATH, or the one that Playwright installed."""
    if named := os.environ.get("CHROMIUM"):
        if not _runs(named):
            raise NoChromiumError(f"CHROMIUM names {named}, which does not run.")
        return named
    return next((path for path in chain(_on_path(SHELLS), _whole()) if _runs(path)), None)


def find_whole() -> str | None:
    """The same, but no headless shell: one that has notices."""
    named = os.environ.get("CHROMIUM")
    if named and "shell" not in Path(named).name:
        return find()
    return next((path for path in _whole() if _runs(path)), None)


def find_or_install() -> str:
    """As `find`, once there is a whole one too: a headless shell alone doesn't do for notices."""
    if whole := find_whole():
        return find() or whole
    _say("No whole Chromium on this machine: Playwright installs one …")
    _run([sys.executable, "-m", "playwright", "install", "chromium"])
    if whole := find_whole():
        return find() or whole
    if os.geteuid() == 0 and shutil.which("apt-get"):
        _say("It can't be had or doesn't run: trying the system's package …")
        _run(["apt-get", "update", "--quiet"])
        for package in ("chromium", SHELLS[0]):  # the second by itself: not every system has it
            _run(["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", package])
    if found := find():
        return found
    raise NoChromiumError(
        "The browser tests need Chromium: install it, or name one with CHROMIUM=/path/to/chromium."
    )


def _on_path(names: Iterable[str]) -> Iterator[str]:
    yield from filter(None, map(shutil.which, names))


def _whole() -> Iterator[str]:
    yield from _on_path(NAMES)
    with sync_playwright() as playwright:
        yield playwright.chromium.executable_path


def _runs(path: str) -> bool:
    """Whether it starts at all: libraries may be missing, and some packages are but a pointer to another shop."""
    if not Path(path).exists():
        return False
    return subprocess.run([path, "--version"], capture_output=True).returncode == 0


def _run(command: list[str]) -> None:
    # What it prints must not mix with the path; whether it worked shows in what is there afterwards.
    subprocess.run(command, stdout=sys.stderr, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        print(find_or_install())
    except NoChromiumError as error:
        sys.exit(str(error))
