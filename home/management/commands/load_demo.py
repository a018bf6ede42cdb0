import logging
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import module_has_submodule

from home.dashboard.counts import count_all
from home.dashboard.days import COUNTED_AGAIN, count_days
from home.worklist.refresh import refresh_all


@contextmanager
def _without_notices() -> Iterator[None]:
    """Silence the notices that built-in texts are used: in a demo that is expected."""
    logger = logging.getLogger("notifications")
    before = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(before)


class Command(BaseCommand):
    help = "Loads the demo: what the `demo` module of each app makes. Once it is there, this changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--force",
            action="store_true",
            help="where DEBUG is off too: with an administrator whose password everybody knows",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG and not options["force"]:
            raise CommandError(
                "The demo is not loaded where DEBUG is off: it brings accounts whose password everybody knows. "
                "Give --force if that is what you want."
            )
        now = timezone.now()
        with transaction.atomic(), _without_notices():
            # INSTALLED_APPS has the upper layers first; what they load builds on what the lower ones load.
            made = [
                import_module(f"{app.name}.demo").load(now=now)
                for app in reversed(list(apps.get_app_configs()))
                if app.module and module_has_submodule(app.module, "demo")
            ]
        what = "; ".join(filter(None, made))
        if what:
            refresh_all(now=now)
            count_all(now=now)
            count_days(now=now, days=COUNTED_AGAIN)
        self.stdout.write(f"The demo is loaded: {what}." if what else "The demo is there already.")
