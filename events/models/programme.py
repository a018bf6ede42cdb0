"""A programme: the same series at several clinics, planned in one act."""

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Programme(models.Model):
    """What several series have in common that were planned together. It may be ended for all of them.

    `title` is translated, and is the one with which it was planned. `key` is the form's, sent once: a form that is
    sent twice finds the programme that it has made.
    """

    title = models.CharField(_("title"), max_length=120)
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.title
