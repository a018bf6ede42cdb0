"""Tries again what is stuck."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from notifications import tasks


class Command(BaseCommand):
    help = "Tries scheduled messages again that failed, 100 at most, and wakes workers for whatever is stuck."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(tasks.retry_what_is_stuck(timezone.now()))
