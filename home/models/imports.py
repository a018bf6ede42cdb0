"""A file of patients or of what belongs to them that a clinic brings in, and its rows."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from home.models.clinic import Clinic
from home.models.patient import Patient
from notifications.encryption.fields import EncryptedTextField
from notifications.models import Work
from notifications.models.work import POISON


class Import(Work):
    """What somebody uploaded for a clinic, on its way: read, matched, tried, carried out, perhaps undone.

    Nothing of it is work until somebody asks for the next step; `finished_at` is set while it rests.
    """

    UNDONE_WITHIN: ClassVar[timedelta] = timedelta(days=1)
    KEPT: ClassVar[timedelta] = timedelta(days=30)

    class State(models.TextChoices):
        READING = "reading", _("being read")
        MATCHING = "matching", _("columns to be matched")
        CHECKING = "checking", _("being tried")
        CHECKED = "checked", _("tried, not carried out")
        RUNNING = "running", _("being carried out")
        STOPPED = "stopped", _("stopped")
        DONE = "done", _("carried out")
        STARTING = "starting", _("reminders are being started")
        UNDOING = "undoing", _("being undone")
        UNDONE = "undone", _("undone")
        FAILED = "failed", _("failed")

    kind = models.CharField(_("what"), max_length=20)
    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="+", verbose_name=_("clinic"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    language = models.CharField(max_length=5, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE)
    """In which what is said of its rows is written."""
    file_name = EncryptedTextField(_("file"), default="", blank=True)
    digest = models.CharField(max_length=64)
    """Keyed, of the file: the same file has the same."""
    key = models.CharField(max_length=64, default="", blank=True)
    """Of the program that sent it, so that it may ask twice: a digest; empty for a file."""
    carries_out = models.BooleanField(default=False)
    """It is carried out once it was tried, without anybody saying so."""
    headings = EncryptedTextField(default="[]")
    matched = models.JSONField(default=dict)
    """Column of the kind to position in the file."""
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.READING)
    uploaded_at = models.DateTimeField(_("uploaded"))
    carried_out_at = models.DateTimeField(_("carried out"), null=True)
    started_at = models.DateTimeField(_("reminders started"), null=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        permissions = [("import_by_program", "Can import by REST")]
        ordering = ["-uploaded_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "kind", "digest"],
                condition=~Q(state__in=["reading", "undone"]),
                name="import_of_a_file_once",
            ),
            models.UniqueConstraint(
                fields=["by", "key"],
                condition=~Q(key="") & ~Q(state="reading"),
                name="import_of_a_program_once",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(finished_at__isnull=True), name="import_unfinished"),
            models.Index(fields=["due_at"], condition=POISON, name="import_poison"),
            models.Index(fields=["uploaded_at"], name="import_uploaded"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_busy(self) -> bool:
        return self.finished_at is None

    @property
    def undone_until(self) -> datetime | None:
        """Until when it may be undone; None where nothing was carried out."""
        return self.carried_out_at and self.carried_out_at + self.UNDONE_WITHIN


class ImportRow(models.Model):
    """A row of the file: its cells until it is carried out, what was said of it, and what it made."""

    class State(models.TextChoices):
        READ = "read", _("not tried yet")
        NEW = "new", _("new")
        CHANGED = "changed", _("changes what is there")
        SAME = "same", _("is there already")
        ASKED = "asked", _("looks like somebody")
        REFUSED = "refused", _("refused")
        DONE = "done", _("carried out")
        UNDONE = "undone", _("taken away again")
        KEPT = "kept", _("stays: somebody worked with it")

    TO_DO: ClassVar[tuple[str, ...]] = ("new", "changed")
    """The states of rows that carrying out takes up."""

    of = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rows", db_index=False)
    number = models.PositiveIntegerField()
    """The row's number in the spreadsheet, in which the headings are row 1."""
    state = models.CharField(max_length=10, choices=State, default=State.READ)
    cells = EncryptedTextField(default="", blank=True)
    """A JSON list, in the order of the file; empty once it was carried out."""
    said = EncryptedTextField(default="", blank=True)
    """What was found when it was tried (home/imports/verdicts.py), as JSON."""
    marks = models.JSONField(default=dict)
    """Keyed digests by which other rows of the file are the same."""
    shares_number = models.BooleanField(default=False)
    is_somebody_else = models.BooleanField(default=False)
    """Staff looked at whom it looks like, and say so."""
    patient = models.ForeignKey(
        Patient, on_delete=models.SET_NULL, null=True, related_name="import_rows", verbose_name=_("patient")
    )
    made = EncryptedTextField(default="", blank=True)
    """What it made or changed, as JSON, from which it is undone."""
    sends = models.BooleanField(default=False)
    """What it made would write to somebody, and hasn't yet."""
    done_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    """How often it was taken up alone, after a worker died."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["of", "number"], name="import_row_once")]
        indexes = [models.Index(fields=["of", "state", "number"], name="import_row_of_state")]

    def __str__(self) -> str:
        return f"{self.of_id}: {self.number}"
