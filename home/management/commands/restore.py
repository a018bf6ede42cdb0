"""Restores a backup into an empty site."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from home.backup.archive import BackupError
from home.backup.services import restore


class Command(BaseCommand):
    help = "Restores what `backup` wrote, into an empty site whose FIELD_ENCRYPTION_KEYS has the key of then."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the file that backup wrote")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            done = restore(file)
        except BackupError as error:
            raise CommandError(f"{file} was not restored. {error}") from error
        except OSError as error:
            raise CommandError(f"{file} can't be read: {error.strerror or error}.") from error
        self.stdout.write(
            f"Restored {done.rows} rows of {done.tables} tables and {done.files} files of "
            f"{done.made_at:%Y-%m-%d %H:%M} UTC. Everybody signs in anew."
        )
