"""What `make run` does before the site opens."""

from typing import Any

import pytest

from notifications.encryption import rotation
from site_config import database, start


def test_what_is_readable_or_under_an_older_key_is_encrypted_first(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def nothing(*args: Any, **options: Any) -> None:
        """Neither translations nor the demo are tested here."""

    runs = iter([rotation.Rotated(rows=2, encrypted=1), rotation.Rotated()])
    monkeypatch.setattr(start, "compile_catalogues", nothing)
    monkeypatch.setattr(start, "call_command", nothing)
    monkeypatch.setattr(database, "bring_up_to_date", nothing)
    monkeypatch.setattr(rotation, "rotate", lambda: next(runs))
    start.prepare()
    assert "Encryption: 2 rows brought to the newest key, 1 values" in capsys.readouterr().out
    start.prepare()
    assert "Encryption" not in capsys.readouterr().out
