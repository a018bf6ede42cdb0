"""Backing up, and restoring into an empty site."""

import io
import json
import os
import tarfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, cast

from django.contrib.contenttypes.models import ContentType
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from home.backup import files, tables
from home.backup.archive import PIECE, BackupError, Reader, Writer
from notifications.encryption.rotation import rotate

FORMAT = 1
MANIFEST, ROWS, FILES, END = "manifest.json", "rows/", "files/", "end.json"
SIGNS_OF_USE = ("home_user", "home_patient", "home_clinic")
"""A site that has a row in one of these is not empty."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a backup has. `made_at` is aware, `key` the name of the key that it was made with."""

    rows: int
    tables: int
    files: int
    made_at: datetime
    key: str


def backup(path: Path, *, now: datetime) -> Summary:
    """Write the whole site into one encrypted file, as it is at this moment; the site may run meanwhile.

    The file appears when it is whole. Sessions, tokens and the queue aren't in it, nor any key of the environment.
    """
    fresh = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            writer = Writer(file)
            summary = _write(writer, now)
            writer.finish()
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    return summary


def _write(writer: Writer, now: datetime) -> Summary:
    columns = tables.all_tables()
    counts: dict[str, int] = {}
    count_of_files = 0
    with tarfile.open(fileobj=cast(Any, writer), mode="w|", format=tarfile.PAX_FORMAT) as archive:
        with tables.snapshot() as rows:
            manifest = {
                "format": FORMAT,
                "made_at": now.isoformat(),
                "migrations": [list(each) for each in rows("django_migrations", [["app", ""], ["name", ""]])],
                "tables": columns,
            }
            _add(archive, MANIFEST, json.dumps(manifest).encode())
            for table, its_columns in columns.items():
                counts[table] = 0
                for count, lines in _pieces(rows(table, its_columns), its_columns):
                    _add(archive, f"{ROWS}{table}", lines)
                    counts[table] += count
        for name, file in files.belonging():
            try:
                content = file.open("rb")
            except FileNotFoundError:
                continue  # somebody deleted it meanwhile
            with content:
                entry = tarfile.TarInfo(f"{FILES}{name}")
                entry.size = os.fstat(content.fileno()).st_size
                archive.addfile(entry, content)
            count_of_files += 1
        _add(archive, END, json.dumps({"rows": counts, "files": count_of_files}).encode())
    return Summary(sum(counts.values()), len(columns), count_of_files, now, writer.key_name)


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    archive.addfile(entry, io.BytesIO(content))


def _pieces(rows: Iterator[Sequence[Any]], columns: tables.Columns) -> Iterator[tuple[int, bytes]]:
    """So many rows, and their lines."""
    lines, count = bytearray(), 0
    for row in rows:
        lines += tables.written(row, columns)
        count += 1
        if len(lines) >= PIECE:
            yield count, bytes(lines)
            lines, count = bytearray(), 0
    if count:
        yield count, bytes(lines)


def restore(path: Path) -> Summary:
    """Bring a backup into an empty site, and that to today's version; what it had is there then, and nothing else.

    What is encrypted in it comes under the keys of this site.
    Raises BackupError, with nothing changed, when the file isn't whole or its key isn't there, when it was made by a
    newer version, or when the site has people, clinics or uploads.
    """
    try:
        with path.open("rb") as file:
            manifest = _read_through(Reader(file))
        executor = _checked(manifest)
        targets = _leaves(executor, manifest)
        executor.migrate(targets)
        with path.open("rb") as file:
            summary = _load(Reader(file), manifest)
    except (tarfile.TarError, zlib.error, ValueError, KeyError, TypeError) as error:
        raise BackupError(f"The file is broken: {type(error).__name__}.") from error
    ContentType.objects.clear_cache()
    for each in caches.all(initialized_only=False):
        each.clear()  # of what the empty site was asked for
    call_command("migrate", interactive=False, verbosity=0)
    call_command("wagtail_update_index", verbosity=0, stdout=io.StringIO())
    rotate()
    return summary


def _members(reader: Reader) -> Iterator[tuple[str, IO[bytes]]]:
    with tarfile.open(fileobj=cast(Any, reader), mode="r|", bufsize=PIECE) as archive:
        for entry in archive:
            content = archive.extractfile(entry)
            if content is None:
                raise BackupError(f"The backup has something in it that is no file: {entry.name}.")
            yield entry.name, content
    # What stands behind the end of the archive is sealed too: only so is it known that all of it is there.
    while reader.read(PIECE):
        pass


def _read_through(reader: Reader) -> dict[str, Any]:
    """The manifest of a file that is whole."""
    manifest: dict[str, Any] = {}
    last = ""
    for last, content in _members(reader):
        if last == MANIFEST:
            manifest = json.load(content)
    if not manifest or last != END:
        raise BackupError("The file is broken.")
    return manifest


def _checked(manifest: dict[str, Any]) -> MigrationExecutor:
    executor = MigrationExecutor(connection)
    made_with = {tuple(each) for each in manifest["migrations"]}
    ours = {each for each in made_with if each[0] in executor.loader.migrated_apps}
    replaced = {name for each in executor.loader.disk_migrations.values() for name in each.replaces}
    if manifest["format"] > FORMAT or ours - executor.loader.disk_migrations.keys() - replaced:
        raise BackupError("This backup was made by a newer version: install that one first.")
    existing = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for table in SIGNS_OF_USE:
            if table in existing:
                cursor.execute(f"SELECT 1 FROM {table} LIMIT 1")
                if cursor.fetchone():
                    raise BackupError("This site is not empty: restore into a new database.")
    if files.has_uploads():
        raise BackupError("This site has uploads already: restore with a new data folder.")
    if set(executor.loader.applied_migrations) - made_with:
        raise BackupError(
            "This database is of a newer version than the backup: restore into a new database without tables, which is "
            "brought to today's version then."
        )
    return executor


def _leaves(executor: MigrationExecutor, manifest: dict[str, Any]) -> list[tuple[str, str]]:
    """The newest migrations that the backup's database had."""
    graph = executor.loader.graph
    had = {tuple(each) for each in manifest["migrations"]} & graph.nodes.keys()
    return sorted(
        each for each in had if not any(child.key in had for child in graph.node_map[each].children)
    )


def _load(reader: Reader, manifest: dict[str, Any]) -> Summary:
    columns: dict[str, tables.Columns] = manifest["tables"]
    counts = dict.fromkeys(columns, 0)
    count_of_files, end = 0, {}
    existing = set(connection.introspection.table_names())
    with transaction.atomic():
        tables.empty([*columns, *((tables.LEFT_OUT - {"wagtailsearch_indexentry_fts"}) & existing)])
        for name, content in _members(reader):
            if name.startswith(ROWS):
                table = name.removeprefix(ROWS)
                rows = [tables.read(line, columns[table]) for line in content]
                tables.insert(table, columns[table], rows)
                counts[table] += len(rows)
            elif name.startswith(FILES):
                files.write(name.removeprefix(FILES), content)
                count_of_files += 1
            elif name == END:
                end = json.load(content)
        if end != {"rows": counts, "files": count_of_files}:
            raise BackupError("The backup hasn't all that it says it has.")
        for table, its_columns in columns.items():
            tables.go_on_counting(table, its_columns)
        connection.check_constraints()
    return Summary(
        sum(counts.values()),
        len(counts),
        count_of_files,
        datetime.fromisoformat(manifest["made_at"]),
        reader.key_name,
    )
