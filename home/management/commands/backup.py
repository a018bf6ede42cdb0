"""Backs the site up into one encrypted file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from home.backup.services import backup


class Command(BaseCommand):
    help = (
        "Writes the database, the uploads and the push key into one file, encrypted with the first of "
        "FIELD_ENCRYPTION_KEYS. The site may run meanwhile."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the file to write; one that is there is replaced")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            done = backup(file, now=timezone.now())
        except OSError as error:
            raise CommandError(f"{file} can't be written: {error.strerror or error}.") from error
        self.stdout.write(
            f"Backed up {done.rows} rows of {done.tables} tables and {done.files} files into {file} "
            f"({file.stat().st_size:,} bytes), with the key {done.key}."
        )
