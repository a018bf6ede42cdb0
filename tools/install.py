"""Puts into .venv what `make` needs: python3 tools/install.py base|dev. Needs nothing but Python itself.

Does nothing when just that is there already, so it may run before every command, and twice at once.
"""

import fcntl
import hashlib
import subprocess
import sys
import venv
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
REQUIREMENTS = ROOT / "requirements"


def main(wanted: str) -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 - this is where an older one is told
        sys.exit(
            f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}: make PYTHON=/path/to/python3.11"
        )
    requirements = REQUIREMENTS / f"{wanted}.txt"
    with requirements.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        digest = hashlib.sha256(file.read()).hexdigest()
        stamp = VENV / f"installed-{wanted}"
        if stamp.exists() and stamp.read_text() == digest and works():
            return
        if not works():
            if find_spec("ensurepip") is None:
                sys.exit("This Python can't make a venv; on Debian and Ubuntu: apt-get install python3-venv")
            print("Making .venv …", flush=True)
            venv.create(VENV, clear=True, with_pip=True)
        print(f"Installing {requirements.relative_to(ROOT)} …", flush=True)
        install(requirements)
        stamp.write_text(digest)


def works() -> bool:
    """Whether .venv is there and its Python still is: a folder that was moved or an upgrade breaks it."""
    return PYTHON.exists() and succeeds([PYTHON, "-c", "import pip"], quiet=True)


def install(requirements: Path) -> None:
    """With uv, in seconds; where uv can't be had or can't reach what pip reaches, with pip, in a minute."""
    options: list[str | Path] = ["--quiet", "--require-hashes", "--requirement"]
    pip = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", *options]
    # As pip does; else the first to start the site would wait for it, and those who mayn't write there always.
    compiled = "--compile-bytecode"
    uv = [PYTHON, "-m", "uv", "pip", "install", compiled, "--python", PYTHON, "--system-certs", *options]
    if succeeds([*pip, REQUIREMENTS / "uv.txt"]) and succeeds([*uv, requirements]):
        return
    print("Without uv this takes a minute …", flush=True)
    if not succeeds([*pip, requirements]):
        sys.exit("The packages could not be installed; the reason stands above.")


def succeeds(command: Sequence[str | Path], *, quiet: bool = False) -> bool:
    return subprocess.run(command, capture_output=quiet).returncode == 0


if __name__ == "__main__":
    main(sys.argv[1])
