"""Notifies people of events that are near or over, as the task of every minute does."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from events.services.notices import send_event_notices


class Command(BaseCommand):
    help = "Publishes the reminders, starts and ends of events that have come, and completes what is over."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{send_event_notices(now=timezone.now())}.")
