"""A backup of the running site, and what comes back from it: all, or nothing and a reason."""

import stat
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

from home.backup import services, tables
from home.backup.archive import BackupError, Reader
from home.backup.services import backup, restore
from home.models import Clinic, User
from notifications.models import Delivery, Notification
from tests.home.backup.conftest import KEY, MADE_AT, Full, content
from tests.notifications.encryption.test_rotation import NUMBER, READABLE, WORDS

pytestmark = pytest.mark.django_db


def differs(one: dict[str, list[bytes]], other: dict[str, list[bytes]]) -> list[str]:
    return [table for table in one.keys() | other.keys() if one.get(table) != other.get(table)]


def test_all_comes_back_into_a_site_that_was_only_started(full: Full, migrated: None, site: Path) -> None:
    (site / "vapid-private-key").write_text("of the first start")
    done = restore(full.backup)
    assert (done.made_at, done.files) == (MADE_AT, 2) and done.rows > 1000
    assert differs(content(), full.content) == []
    card = "original_images/Thandi’s card.png"
    assert (site / "media" / card).read_bytes() == (full.folder / "media" / card).read_bytes()
    assert (site / "vapid-private-key").read_text() == "a key"
    assert not (site / "medguard.sqlite3").exists()
    # And it is a site: people are found by their number, rows go on being numbered, pages answer.
    reader = User.objects.get(phone=NUMBER)
    assert Delivery.objects.get(notification__recipient=reader).body == WORDS
    assert Clinic.objects.create(name="New").pk > Clinic.objects.exclude(name="New").latest("pk").pk
    client = Client()
    client.force_login(reader)
    assert client.get("/en/inbox/").status_code == 200
    assert client.get("/en/").status_code == 200


def test_a_database_without_tables_gets_those_of_the_backups_version_first(
    full: Full, empty: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    class EnoughError(Exception):
        """Migrating takes long, and is nothing that is tested here."""

    def migrate(self: MigrationExecutor, targets: list[tuple[str, str]]) -> None:
        raise EnoughError(targets)

    monkeypatch.setattr(MigrationExecutor, "migrate", migrate)
    with pytest.raises(EnoughError) as asked:
        restore(full.backup)
    executor = MigrationExecutor(connection)
    graph = executor.loader.graph

    def planned(targets: list[tuple[str, str]]) -> set[tuple[str, str]]:
        return {(each.app_label, each.name) for each, _back in executor.migration_plan(targets)}

    assert planned(asked.value.args[0]) >= set(graph.leaf_nodes())
    [newest] = graph.leaf_nodes("notifications")
    later = {each for each in graph.nodes if newest in graph.forwards_plan(each)}
    had = {"migrations": [list(each) for each in graph.nodes if each not in later]}
    assert planned(services._leaves(executor, had)) == planned(asked.value.args[0]) - later


def test_nothing_of_it_can_be_read_and_only_the_site_may_try(full: Full) -> None:
    written = full.backup.read_bytes()
    assert not [word for word in (*READABLE, "Thandi", "home_user", "Metformin") if word.encode() in written]
    assert stat.S_IMODE(full.backup.stat().st_mode) == 0o600


def test_each_command_says_in_one_line_what_it_did(
    full: Full, used: None, site: Path, tmp_path: Path, capsys: Any
) -> None:
    call_command("backup", str(tmp_path / "again"))
    call_command("backup", str(tmp_path / "again"))
    said = capsys.readouterr().out
    assert said.count("\n") == 2 and "Backed up" in said and " files into " in said
    with pytest.raises(CommandError, match="This site is not empty"):
        call_command("restore", str(tmp_path / "again"))
    with pytest.raises(CommandError, match="can't be written: No such file"):
        call_command("backup", str(tmp_path / "nowhere" / "file"))
    with pytest.raises(CommandError, match="can't be read: No such file"):
        call_command("restore", str(tmp_path / "nothing"))
    assert [each.name for each in tmp_path.iterdir() if "part" in each.name] == []


def test_a_file_that_is_cut_off_or_goes_on_changes_nothing(
    full: Full, migrated: None, tmp_path: Path
) -> None:
    whole = full.backup.read_bytes()
    for left in (0, 10, 200, 100_000, -1, -30):
        refused(whole[:left], tmp_path)
    refused(whole + b"x", tmp_path)
    refused(whole + whole, tmp_path)


def test_a_file_that_somebody_changed_changes_nothing(full: Full, migrated: None, tmp_path: Path) -> None:
    whole = full.backup.read_bytes()
    for part in (0, 0.00001, 0.00003, 0.1, 0.5, 0.999):
        broken = bytearray(whole)
        broken[int(len(broken) * part)] ^= 1
        refused(bytes(broken), tmp_path)
    start = whole.index(b"\n", whole.index(b"\n") + 1) + 1
    pieces, at = [], start
    while at < len(whole):
        end = at + 4 + int.from_bytes(whole[at : at + 4], "big")
        pieces.append(whole[at:end])
        at = end
    assert len(pieces) > 2
    refused(whole[:start] + b"".join([pieces[1], pieces[0], *pieces[2:]]), tmp_path)
    refused(whole[:start] + b"".join([pieces[0], *pieces[2:]]), tmp_path)
    refused(whole[:start] + b"".join(pieces[:-1]), tmp_path)


def refused(written: bytes, tmp_path: Path, why: str | None = None) -> None:
    file = tmp_path / "file"
    file.write_bytes(written)
    before = content()
    with pytest.raises(BackupError, match=why):
        restore(file)
    assert content() == before


def test_without_its_key_it_stays_closed(full: Full, migrated: None, settings: Any, tmp_path: Path) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    refused(full.backup.read_bytes(), tmp_path, "is not among FIELD_ENCRYPTION_KEYS")


def test_on_a_site_with_other_keys_all_comes_under_them(full: Full, migrated: None, settings: Any) -> None:
    settings.SECRET_KEY, new = "another " * 10, Fernet.generate_key().decode()
    settings.FIELD_ENCRYPTION_KEYS = [new, KEY]
    restore(full.backup)
    settings.FIELD_ENCRYPTION_KEYS = [new]
    assert Delivery.objects.get(notification__recipient__phone=NUMBER).body == WORDS


def test_a_site_that_is_in_use_is_left_alone(full: Full, used: None, tmp_path: Path) -> None:
    refused(full.backup.read_bytes(), tmp_path, "This site is not empty")


def test_a_site_with_uploads_is_left_alone(full: Full, migrated: None, site: Path, tmp_path: Path) -> None:
    (site / "media").mkdir()
    (site / "media" / "card.png").write_bytes(b"mine")
    refused(full.backup.read_bytes(), tmp_path, "has uploads")


def test_what_is_newer_is_refused(full: Full, migrated: None, tmp_path: Path) -> None:
    applied = (
        "INSERT INTO django_migrations (app, name, applied) VALUES ('home', '9999_later', CURRENT_TIMESTAMP)"
    )
    with connection.cursor() as cursor:
        cursor.execute(applied)
        backup(tmp_path / "newer", now=MADE_AT)
        refused(full.backup.read_bytes(), tmp_path, "This database is of a newer version than the backup")
        cursor.execute("DELETE FROM django_migrations WHERE name = '9999_later'")
    refused((tmp_path / "newer").read_bytes(), tmp_path, "made by a newer version")


def test_it_has_the_site_as_it_was_at_one_moment(
    full: Full, used: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the first rows are read, somebody else changes all titles, waiting for nobody."""
    written = tables.written

    def first(row: Any, columns: Any) -> bytes:
        monkeypatch.setattr(tables, "written", written)
        other = connection.copy()
        with other.cursor() as cursor:
            cursor.execute("UPDATE notifications_notification SET title = 'Meanwhile'")
        other.close()
        return written(row, columns)

    monkeypatch.setattr(tables, "written", first)
    backup(tmp_path / "file", now=MADE_AT)
    assert set(Notification.objects.values_list("title", flat=True)) == {"Meanwhile"}
    with (tmp_path / "file").open("rb") as opened:
        assert b"Meanwhile" not in b"".join(iter(partial(Reader(opened).read, 1 << 20), b""))
