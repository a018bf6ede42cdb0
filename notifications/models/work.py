"""Work: a row that somebody must finish. What a queue forgets, these rows remember."""

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Work(models.Model):
    """A row that is due at a time, held by one worker at a time under a lease, and finished once.

    Unfinished work has no `finished_at`. It may be taken when it is due and nobody holds an unexpired lease.
    A lease that was found expired means that a worker died with the row: `crashes` counts those.
    """

    LEASE: ClassVar[timedelta] = timedelta(seconds=60)
    ORDER: ClassVar[tuple[str, ...]] = ("due_at",)
    """What is taken first."""
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
