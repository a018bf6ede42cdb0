"""The site's key: from the environment, else made once and kept."""

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pytest_django import Settings

from notifications.channels.push import keys
from notifications.channels.push.vapid import from_base64, new_key, read_key, to_base64
from site_config.environment import BASE_DIR


def test_a_key_is_made_once_and_nobody_else_may_read_it(settings: Settings, tmp_path: Path) -> None:
    settings.VAPID_PRIVATE_KEY, settings.DATA_DIR = "", tmp_path
    with ThreadPoolExecutor(8) as starting:
        made = set(starting.map(lambda _: keys.key.__wrapped__().private_key.private_numbers(), range(8)))
    assert len(made) == 1
    [file] = tmp_path.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert read_key(file.read_text()).private_numbers() in made


def test_the_environments_key_comes_first(settings: Settings, tmp_path: Path) -> None:
    settings.VAPID_PRIVATE_KEY, settings.DATA_DIR = new_key(), tmp_path
    point = from_base64(keys.public_key())
    assert (len(point), point[0]) == (65, 4)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "text", ["", "x", "AAAA", "é" * 43, to_base64(bytes(32)), to_base64(b"\xff" * 32), to_base64(bytes(33))]
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"32 bytes|P-256"):
        read_key(text)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("VAPID_PRIVATE_KEY", "no-key"),
        ("VAPID_SUBJECT", "the clinic"),
        ("VAPID_SUBJECT", "mailto:nobody"),
        ("PUSH_HOSTS", "fcm.googleapis.com,https://evil.example/x"),
    ],
)
def test_a_malformed_variable_is_named_at_start(name: str, value: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=BASE_DIR,
        env={**os.environ, name: value, "DJANGO_SETTINGS_MODULE": "site_config.settings"},
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert f"{name}: " in done.stderr


def test_a_malformed_file_is_named_at_start(tmp_path: Path) -> None:
    (tmp_path / keys.FILE).write_text("spoilt")
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=BASE_DIR,
        env={**os.environ, "DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "site_config.settings"},
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert "notifications.E005" in done.stderr
    assert str(tmp_path / keys.FILE) in done.stderr
    assert "spoilt" not in done.stderr
