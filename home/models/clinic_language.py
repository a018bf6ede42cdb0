"""In which languages a clinic's messages may be, beside those of pages."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from home.models.clinic import Clinic
from notifications.encryption.fields import EncryptedTextField


class ClinicLanguage(models.Model):
    """Whether a language is switched on, and who said before that its texts are right.

    Without a clinic it is for messages that belong to none. A language without a row is off.
    """

    clinic = models.ForeignKey(
        Clinic,
        on_delete=models.CASCADE,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("clinic"),
    )
    language = models.CharField(_("language"), max_length=10)
    is_on = models.BooleanField(_("switched on"), default=True)
    checked_by = EncryptedTextField(_("checked by"))
    checked_on = models.DateField(_("checked on"))
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("language of messages")
        verbose_name_plural = _("languages of messages")
        constraints = [
            models.UniqueConstraint(fields=["clinic", "language"], name="clinic_language_once"),
            models.UniqueConstraint(
                fields=["language"], condition=Q(clinic__isnull=True), name="language_once_for_no_clinic"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.clinic_id}: {self.language}"
