"""A download of everything about a person, made for them when they ask for it."""

from datetime import timedelta
from typing import Any, ClassVar

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from home.models.patient import Patient
from notifications.encryption.keys import keyring
from notifications.models import Work
from notifications.models.work import POISON


class DataExport(Work):
    """What `user` asked for: everything about themselves, or about `patient`, whose guardian they are.

    The file is in the row, encrypted, so that every machine can hand it out (docs/decisions/0081). It goes with the row
    at `expires_at`.
    """

    LIFE: ClassVar[timedelta] = timedelta(days=7)
    CLAIMED = {"state": "making"}
    TRIED_AGAIN = {"state": "asked"}

    class State(models.TextChoices):
        ASKED = "asked", _("asked for")
        MAKING = "making", _("being put together")
        READY = "ready", _("ready")
        FAILED = "failed", _("failed")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="data_exports")
    patient = models.ForeignKey(
        Patient, on_delete=models.CASCADE, null=True, blank=True, related_name="data_exports"
    )
    language = models.CharField(max_length=5, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE)
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    encrypted = models.BinaryField(null=True)

    class Meta:
        verbose_name = _("download of one’s data")
        verbose_name_plural = _("downloads of one’s data")
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(finished_at__isnull=True), name="data_export_one_at_a_time"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(finished_at__isnull=True), name="data_export_unfinished"
            ),
            models.Index(fields=["due_at"], condition=POISON, name="data_export_poison"),
            models.Index(fields=["expires_at"], name="data_export_expires"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.state}"

    @staticmethod
    def sealed(content: bytes) -> dict[str, Any]:
        """The field of a row that holds this file."""
        return {"encrypted": keyring().fernets.encrypt(content)}

    @property
    def content(self) -> bytes | None:
        """The file; None while there is none, and once its key is gone."""
        if self.encrypted is None:
            return None
        try:
            return keyring().fernets.decrypt(bytes(self.encrypted))
        except InvalidToken:
            return None
