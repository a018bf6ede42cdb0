"""Work: a row that somebody must finish. What a queue forgets, these rows remember."""

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from notifications.types import Priority

MAX_CRASHES = 3
DEADLY = Q(finished_at__isnull=True, crashes__gte=MAX_CRASHES - 1)
"""What has stopped so many workers that the next one is the last: a row of these whose lease is over is given up."""
BY_PRIORITY = tuple({"priority": priority} for priority in sorted(Priority, reverse=True))


class Work(models.Model):
    """A row that is due at a time, held by one worker at a time under a lease, and finished once.

    Unfinished work has no `finished_at`. It may be taken when it is due and nobody holds an unexpired lease.
    A lease that was found expired means that a worker died with the row: `crashes` counts those.
    """

    LEASE: ClassVar[timedelta] = timedelta(seconds=60)
    CLASSES: ClassVar[tuple[dict[str, Priority], ...]] = ({},)
    """The classes of urgency, first things first. Of each the due rows are one range of the index on the unfinished."""
    ORDER: ClassVar[tuple[str, ...]] = ("due_at",)
    """What is taken first, over all classes."""
    CLAIMED: ClassVar[dict[str, str]] = {}
    """What a claim also sets, so that people see it."""
    BURIED: ClassVar[dict[str, str]] = {"state": "failed"}
    """What is set when the row is given up."""

    due_at = models.DateTimeField(pgettext_lazy("when work is to be done", "due"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    failures = models.PositiveSmallIntegerField(_("failed attempts"), default=0)
    crashes = models.PositiveSmallIntegerField(_("crashes"), default=0)
    lease_owner = models.CharField(max_length=64, default="", blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    error = models.TextField(_("error"), default="", blank=True)

    class Meta:
        abstract = True
