"""No test, and no process that a test starts, speaks with another machine; one that tries to fails its test."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.outbound.sitecustomize import NOTED_IN, kept_here

_noted_in = Path(tempfile.mkdtemp(prefix="medguard-outbound-")) / "noted"


def pytest_configure() -> None:
    """Whatever is started from now on begins with `sitecustomize`. A worker of xdist has a file of its own."""
    os.environ[NOTED_IN] = str(_noted_in)
    os.environ.update(kept_here(os.environ))


def pytest_unconfigure() -> None:
    _noted_in.unlink(missing_ok=True)
    _noted_in.parent.rmdir()


def noted() -> list[str]:
    """What was refused since it was asked last: where to, and by which process."""
    if not _noted_in.exists():
        return []
    lines = _noted_in.read_text().splitlines()
    _noted_in.unlink()
    return lines


@pytest.fixture(autouse=True)
def _stays_on_this_machine() -> Iterator[None]:
    yield
    if lines := noted():
        pytest.fail("\n".join(["It asked for another machine:", *lines]), pytrace=False)
