"""Counts the days of clinics again."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from home.dashboard.days import days_rebuild


class Command(BaseCommand):
    help = "Counts what happened at each clinic anew, for all days whose messages are still kept whole."

    def handle(self, *args: Any, **options: Any) -> None:
        first, count = days_rebuild(now=timezone.now())
        self.stdout.write(f"{count} figures of the days from {first:%Y-%m-%d} on.")
