"""A consent: that somebody agreed to something, in which words, how, and until when."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from home.models.patient import Patient


class Consent(models.Model):
    """Of a person for themselves (`user`), or of a patient that those who care for them are told (`patient`).

    A row is written once and ended once. Whoever agrees again gets a new one. `purpose` and `version` name the sentence
    that was agreed to (home/privacy/sentences.py), `language` the one of its languages; version 0 is a consent from
    before consents were recorded.
    """

    class How(models.TextChoices):
        SITE = "site", _("on this site")
        SMS = "sms", _("by SMS")
        WHATSAPP = "whatsapp", _("by WhatsApp")
        SPOKEN = "spoken", _("said to staff")
        PAPER = "paper", _("on paper")
        BEFORE = "before", _("before this was recorded")

    class Ended(models.TextChoices):
        SITE = "site", _("on this site")
        SMS = "sms", _("by SMS")
        WHATSAPP = "whatsapp", _("by WhatsApp")
        VOICE = "voice", _("by a key in a call")
        STAFF = "staff", _("by staff, as they were asked")
        RENEWED = "renewed", _("given anew")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        related_name="consents",
        verbose_name=_("person"),
    )
    patient = models.ForeignKey(
        Patient, on_delete=models.CASCADE, null=True, related_name="consents", verbose_name=_("patient")
    )
    purpose = models.CharField(_("for what"), max_length=20)
    version = models.PositiveSmallIntegerField(_("version of the words"))
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES)
    how = models.CharField(_("how"), max_length=10, choices=How)
    witness = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("witnessed by"),
    )
    given_at = models.DateTimeField(_("given"))
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)
    withdrawn_how = models.CharField(_("how it ended"), max_length=10, choices=Ended, blank=True, default="")
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("withdrawn by"),
    )
    reason = models.TextField(_("reason"), blank=True, default="")

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ["-given_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=True, patient__isnull=False)
                | Q(user__isnull=False, patient__isnull=True),
                name="consent_of_one",
            ),
            # The first of these is also what each message asks.
            models.UniqueConstraint(
                fields=["user", "purpose"], condition=Q(withdrawn_at__isnull=True), name="consent_stands_once"
            ),
            models.UniqueConstraint(
                fields=["patient", "purpose"],
                condition=Q(withdrawn_at__isnull=True, patient__isnull=False),
                name="consent_of_patient_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user or self.patient}: {self.purpose}"

    @property
    def stands(self) -> bool:
        return self.withdrawn_at is None
