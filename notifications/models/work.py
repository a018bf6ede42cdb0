"""Work: a row that somebody must finish. What a queue forgets, these rows remember."""

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

MAX_CRASHES = 3
POISON = Q(finished_at__isnull=True, crashes__gte=MAX_CRASHES - 1)
"""Rows that stopped so many workers that the next one is the last: when its lease is over too, they are given up."""


class Work(models.Model):
    """A row that is due at a time, held by one worker at a time under a lease, and finished once.

    Unfinished work has no `finished_at`. It may be taken when it is due and nobody holds an unexpired lease.
    A lease that was found expired means that a worker died with the row: `crashes` counts those.
    """

    LEASE: ClassVar[timedelta] = timedelta(seconds=60)
    LANES: ClassVar[tuple[dict[str, int], ...]] = ({},)
    """The lanes, first things first. The due rows of each are one range of the index on what is unfinished."""
    ORDER: ClassVar[tuple[str, ...]] = ("due_at",)
    """What is taken first, over all lanes."""
    CLAIMED: ClassVar[dict[str, str]] = {}
    """What a claim also sets, so that people see it."""
    GIVEN_UP: ClassVar[dict[str, str]] = {"state": "failed"}
    """What is set when the row is given up."""
    TRIED_AGAIN: ClassVar[dict[str, str]] = {}
    """What is set when the row failed and will be tried again."""

    due_at = models.DateTimeField(pgettext_lazy("when work is to be done", "due"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    failures = models.PositiveSmallIntegerField(_("failed attempts"), default=0)
    crashes = models.PositiveSmallIntegerField(_("crashes"), default=0)
    lease_owner = models.CharField(max_length=64, default="", blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    error = models.TextField(_("error"), default="", blank=True)
    reason = models.CharField(_("reason"), max_length=20, default="", db_default="", blank=True)
    """A `types.Reason` where the site itself withheld it or gave it up; words for it are made where it is shown."""

    class Meta:
        abstract = True
