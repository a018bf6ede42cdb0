"""Periodic tasks as rows: staff may change them, and each slot runs once however many machines there are."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from notifications.models.work import POISON, Work
from notifications.timezones import known_zone, validate_timezone


class PeriodicTask(models.Model):
    """When a declared task runs. The declaration is the default; what staff change here wins."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    cron = models.CharField(_("times (cron)"), max_length=80)
    timezone = models.CharField(_("time zone"), max_length=64, validators=[validate_timezone])
    enabled = models.BooleanField(_("on"), default=True)
    last_slot = models.DateTimeField(_("last slot"))

    class Meta:
        verbose_name = _("periodic task")
        verbose_name_plural = _("periodic tasks")

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> str:
        """The time zone in which it runs; the site's, where what is stored is none."""
        return known_zone(self.timezone)


class PeriodicRun(Work):
    """One run of one task for one slot. The unique slot makes it one, on any number of machines."""

    ORDER = ("slot", "task_id")

    class State(models.TextChoices):
        PENDING = "pending", _("waiting")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        SKIPPED = "skipped", pgettext_lazy("a slot that was missed", "skipped")

    task = models.ForeignKey(PeriodicTask, on_delete=models.CASCADE, related_name="runs", db_index=False)
    slot = models.DateTimeField(_("slot"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PENDING)
    result = models.CharField(_("result"), max_length=200, default="", blank=True)
    did = models.JSONField(null=True, blank=True, editable=False)
    """Of a task that takes turns, how many rows of which kind the turns until now dealt with."""

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        constraints = [models.UniqueConstraint(fields=["task", "slot"], name="periodic_run_once_per_slot")]
        indexes = [
            models.Index(
                fields=["slot", "task"], condition=Q(finished_at__isnull=True), name="periodic_run_unfinished"
            ),
            models.Index(fields=["due_at"], condition=POISON, name="periodic_run_poison"),
            models.Index(fields=["slot"], name="periodic_run_slot"),
        ]

    def __str__(self) -> str:
        return f"{self.task_id} @ {self.slot:%Y-%m-%d %H:%M}"


class ConsumerHeartbeat(models.Model):
    """A sign of life of one consumer process."""

    consumer = models.CharField(max_length=64, unique=True)
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.consumer} {self.beat_at:%Y-%m-%d %H:%M:%S}"
