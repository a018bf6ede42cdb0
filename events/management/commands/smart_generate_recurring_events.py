"""Makes the occurrences of all series some weeks ahead, as the weekly task does."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from events.services.generation import MOST_WEEKS, WEEKS, Report, generate


class Command(BaseCommand):
    help = (
        "Makes the occurrences of recurring events that are missing. With --dry-run it only prints the plan."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--weeks", type=int, default=WEEKS, help="how far ahead (%(default)s)")
        parser.add_argument("--dry-run", action="store_true", help="print the plan as a table, write nothing")

    def handle(self, *args: Any, weeks: int, dry_run: bool, **options: Any) -> None:
        if not 0 < weeks <= MOST_WEEKS:
            raise CommandError(f"--weeks: 1 to {MOST_WEEKS} is possible.")
        report = generate(now=timezone.now(), weeks=weeks, dry_run=dry_run)
        if dry_run:
            self._table(report)
        self.stdout.write(f"{'Dry run, nothing written: ' if dry_run else ''}{report.summary()}.")

    def _table(self, report: Report) -> None:
        rows = [
            (
                f"{line.series_id}",
                *report.names[line.series_id],
                f"{line.starts_at:%a %Y-%m-%d %H:%M}",
                line.outcome,
            )
            for line in report.lines
        ]
        table = [("series", "title", "clinic", "start", "outcome"), *rows]
        widths = [max(len(row[column]) for row in table) for column in range(5)]
        for row in table:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            self.stdout.write("  ".join(cells).rstrip())
