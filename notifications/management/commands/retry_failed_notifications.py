"""Tries again what is stuck."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from notifications.scheduling.dead_letters import retry_stuck_messages


class Command(BaseCommand):
    help = "Tries scheduled messages again that failed, 100 at most, and wakes workers for whatever is stuck."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(retry_stuck_messages(timezone.now()))
