"""What the site writes is its own user's: also with a lax umask, and also what was there before."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from site_config import private_files
from site_config.environment import BASE_DIR

WRITES = """
import django; django.setup()
from io import BytesIO
import requests
from django.core.files.storage import default_storage, storages
from django.core.mail import EmailMessage
from django.db import connection
from huey.contrib.djhuey import HUEY
from notifications.channels.push.keys import public_key
from notifications.channels.sms.gateway import Sms
from notifications.channels.sms.gateways.file import FileGateway
connection.cursor().execute("CREATE TABLE t (i integer)")
EmailMessage("a", "b", None, ["x@y.test"]).send()
FileGateway().send(requests.Session(), Sms("key", "+27821234567", "text"))
default_storage.save("images/a.png", BytesIO(b"a"))
storages["staticfiles"].save("css/a.css", BytesIO(b"a"))
public_key()
"""


def open_to_others(folder: Path) -> list[str]:
    return [
        f"{stat.filemode(path.stat().st_mode)} {path.relative_to(folder)}"
        for path in [folder, *folder.rglob("*")]
        if path.stat().st_mode & 0o077
    ]


def started(folder: Path, code: str) -> None:
    """Where files are open to everybody unless somebody says otherwise."""
    environment = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "site_config.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=BASE_DIR, env=environment, umask=0, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_nobody_else_reads_what_it_writes(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    started(folder, WRITES)
    made = {path.relative_to(folder).parts[0] for path in folder.rglob("*")}
    assert made >= {
        "medguard.sqlite3",
        "queue.sqlite3",
        "mail",
        "sms",
        "media",
        "static",
        "vapid-private-key",
    }
    assert open_to_others(folder) == []


@pytest.mark.parametrize("module", ["site_config.settings", "site_config.gunicorn", "site_config.asgi"])
def test_each_process_begins_with_it(tmp_path: Path, module: str) -> None:
    """gunicorn loads the site before it forks, and knows no umask of its own but for what it forks off itself."""
    code = f"import {module}, site_config.wsgi, os; assert os.umask(0) == 0o077"
    started(tmp_path / "data", code)


def test_what_an_earlier_version_left_open_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    (folder / "mail").mkdir(parents=True)
    (folder / "mail" / "one.log").write_text("x")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("x")
    (folder / "link").symlink_to(elsewhere)
    for path in (folder / "mail" / "one.log", elsewhere):
        path.chmod(0o666)
    (folder / "mail").chmod(0o777)
    folder.chmod(0o755)
    before = os.umask(0)
    try:
        private_files.begin(folder)
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert private_files.close_all(folder) == 2
    assert (
        stat.S_IMODE((folder / "mail").stat().st_mode),
        (folder / "mail" / "one.log").stat().st_mode & 0o777,
    ) == (
        0o700,
        0o600,
    )
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o666, "a link leads out of the folder"
    assert private_files.close_all(folder) == 0


def test_it_can_be_run_before_the_site_is(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    (tmp_path / "a").chmod(0o644)
    done = subprocess.run(
        [sys.executable, "-m", "site_config.private_files"],
        cwd=BASE_DIR,
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.stdout == "1 files and folders were open to others.\n"
