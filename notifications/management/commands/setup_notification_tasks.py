"""The periodic tasks' rows: made, listed, or set back to what the code declares."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from notifications.models import PeriodicTask
from notifications.work import periodic


class Command(BaseCommand):
    help = "Gives each periodic task its row; what staff changed stays."

    def add_arguments(self, parser: ArgumentParser) -> None:
        instead = parser.add_mutually_exclusive_group()
        instead.add_argument("--list", action="store_true", help="only list them")
        instead.add_argument("--force", action="store_true", help="set all times back to the declared ones")
        instead.add_argument("--reset", action="store_true", help="begin anew: all on, no runs remembered")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list"]:
            self._list()
            return
        missing = periodic.make_rows(now=timezone.now(), times=options["force"], afresh=options["reset"])
        self.stdout.write(f"{missing} periodic tasks added, {len(periodic.declared())} in all.")

    def _list(self) -> None:
        now = timezone.now()
        for task in PeriodicTask.objects.order_by("name"):
            following = periodic.next_run(task, now)
            upcoming = f"next {timezone.localtime(following):%Y-%m-%d %H:%M}" if following else "no next run"
            state = "on" if task.enabled else "off"
            self.stdout.write(f"{task.name:32} {state:4} {task.cron:16} {task.timezone:22} {upcoming}")
