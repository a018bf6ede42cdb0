import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from notifications.health.checks import findings


class Command(BaseCommand):
    help = "Says in one line how the site is; ends with 0 when it is well, else with 1."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        found = findings(now=timezone.now())
        parts = []
        for finding in found:
            number = "" if finding.value is None else f" ({finding.measure} {finding.value})"
            parts.append(f"{finding.name} {'ok' if finding.well else 'unwell'}{number}")
        self.stdout.write(", ".join(parts))
        if not all(finding.well for finding in found):
            sys.exit(1)
