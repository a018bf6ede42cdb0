"""Deletes what has been kept long enough."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from notifications.pipeline.retention import KEEP_CANCELLED, clean_up, clean_up_cancelled


class Command(BaseCommand):
    help = "Deletes what is past its retention, and scheduled messages that were called off so many days ago."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--days", type=int, default=KEEP_CANCELLED.days, help="how long cancelled ones stay (%(default)s)"
        )

    def handle(self, *args: Any, days: int, **options: Any) -> None:
        if not 0 <= days <= KEEP_CANCELLED.days:
            raise CommandError(f"--days: 0 to {KEEP_CANCELLED.days} is possible.")
        now = timezone.now()
        deleted = {
            "cancelled": clean_up_cancelled(now=now, kept=timedelta(days=days)),
            **clean_up(now=now),
        }
        self.stdout.write("Deleted: " + ", ".join(f"{count} {kind}" for kind, count in deleted.items()) + ".")
