"""Adds up again what messages cost."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from notifications.costs.rebuilding import sums_rebuild


class Command(BaseCommand):
    help = "Makes the sums of what messages cost anew from the messages, for all months that are still kept whole."

    def handle(self, *args: Any, **options: Any) -> None:
        first, count = sums_rebuild(now=timezone.now())
        self.stdout.write(f"{count} sums of the months from {first:%Y-%m} on.")
