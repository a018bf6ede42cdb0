"""Brings all that is encrypted to the newest key."""

from typing import Any

from django.core.management.base import BaseCommand

from notifications.encryption.rotation import rotate


class Command(BaseCommand):
    help = (
        "Brings all that is encrypted to the first of FIELD_ENCRYPTION_KEYS, and encrypts what isn't yet. "
        "The site may run meanwhile."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(str(rotate()))
