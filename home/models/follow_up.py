"""What came of a call to a patient."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from home.models.clinic import Clinic
from home.models.patient import Patient
from notifications.encryption.fields import EncryptedPhoneField, EncryptedTextField


class FollowUp(models.Model):
    """One call: who called which number, why, and what came of it.

    `until` is the day that was agreed on, `back_on` the first day (the clinic's) on which the patient is on the list
    again. Only the last word counts (`stands`). `pressing` is that of the most pressing reason at the time: what is
    more pressing brings the patient back before. `visit_id` names the visit that was planned with it, if any.
    """

    # Nobody looks for what refers to them.
    wagtail_reference_index_ignore = True

    class Result(models.TextChoices):
        WILL_COME = "will_come", pgettext_lazy("a call", "will come")
        CALL_LATER = "call_later", pgettext_lazy("a call", "call later")
        NO_ANSWER = "no_answer", pgettext_lazy("a call", "no answer")
        WRONG_NUMBER = "wrong_number", pgettext_lazy("a call", "wrong number")
        MOVED = "moved", pgettext_lazy("a call", "moved away")
        DIED = "died", pgettext_lazy("a call", "died")
        OTHER = "other", pgettext_lazy("a call", "other")

    patient = models.ForeignKey(
        Patient,
        on_delete=models.CASCADE,
        related_name="follow_ups",
        db_index=False,
        verbose_name=_("patient"),
    )
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+", verbose_name=_("clinic"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("who called"),
    )
    at = models.DateTimeField(_("when"))
    result = models.CharField(_("result"), max_length=20, choices=Result)
    until = models.DateField(_("until"), null=True)
    back_on = models.DateField(_("on the list again"))
    note = EncryptedTextField(_("note"), blank=True, default="")
    reasons = models.JSONField(_("why"), default=list)
    pressing = models.PositiveSmallIntegerField(default=0)
    number = EncryptedPhoneField(_("number"), null=True, max_length=20)
    visit_id = models.PositiveBigIntegerField(null=True)
    stands = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["patient"], condition=Q(stands=True), name="follow_up_one_last_word"
            ),
        ]
        indexes = [
            models.Index(fields=["patient", "at"], name="follow_up_patient"),
            models.Index(fields=["at"], name="follow_up_at"),
        ]

    def __str__(self) -> str:
        return f"{self.patient_id}: {self.result}"
