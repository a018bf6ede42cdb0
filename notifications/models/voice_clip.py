"""What is played to people in calls."""

from pathlib import PurePath
from typing import Any
from uuid import uuid4

from django.core.files.storage import Storage
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from notifications.languages.listed import choices


def _place(clip: "VoiceClip", name: str) -> str:
    return f"voice/{clip.key}{PurePath(name).suffix.lower()}"


class VoiceClip(models.Model):
    """A recording of one text of a call (`channels.voice.script`) in one language.

    A provider fetches it by its `key`, without signing in; a new recording has a new one, and the old file is deleted.
    """

    text = models.CharField(_("what is said"), max_length=60)
    language = models.CharField(_("language"), max_length=5, choices=choices)
    file = models.FileField(_("recording"), upload_to=_place)
    key = models.UUIDField(default=uuid4, unique=True, editable=False)

    class Meta:
        verbose_name = _("recording for calls")
        verbose_name_plural = _("recordings for calls")
        constraints = [
            models.UniqueConstraint(
                fields=["text", "language"],
                name="voice_clip_once",
                violation_error_message=_(
                    "There is a recording of this in this language already. Change that one."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.text} ({self.get_language_display()})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        before = type(self).objects.filter(pk=self.pk).first() if self.pk else None
        if before is not None and before.file != self.file:
            self.key = uuid4()
            _delete_later(before.file.storage, before.file.name)
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        _delete_later(self.file.storage, self.file.name)
        return super().delete(*args, **kwargs)


def _delete_later(storage: Storage, name: str | None) -> None:
    transaction.on_commit(lambda: storage.delete(name or ""))
