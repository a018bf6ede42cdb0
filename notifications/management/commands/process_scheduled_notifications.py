"""Sends the scheduled messages that are due, here and now, without the queue."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from notifications.pipeline.fan_out import FanOut, spread
from notifications.scheduling.sending import send_due


class Command(BaseCommand):
    help = "Sends the scheduled messages that are due. What is sent out is handed to the consumer."

    def handle(self, *args: Any, **options: Any) -> None:
        total = 0
        done = FanOut()
        while sent := send_due(now=timezone.now(), done=done):
            total += sent
        spread(done)
        self.stdout.write(f"{total} scheduled messages were due and have been dealt with.")
