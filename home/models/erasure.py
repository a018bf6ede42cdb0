"""An erasure: that a person's data is to go, who decided so, and what came of it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from home.models.patient import Patient
from notifications.models import Work
from notifications.models.work import POISON


class Erasure(Work):
    """Of one patient's record with the account of the patient, or of an account alone.

    Asked for, it waits for a decision. Accepted, it is work like any other: done once, by whichever worker. The row
    stays as the proof of it, and names nobody any more. `done` says how many rows went, and how many were cleared.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("to be decided")
        WITHDRAWN = "withdrawn", _("withdrawn")
        REFUSED = "refused", _("refused")
        ACCEPTED = "accepted", _("under way")
        DONE = "done", _("carried out")
        FAILED = "failed", _("failed")

    patient = models.ForeignKey(
        Patient,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="erasures",
        verbose_name=_("patient"),
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="erasures",
        verbose_name=_("account"),
    )
    asked_at = models.DateTimeField(_("asked"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("asked by"),
    )
    in_their_words = models.CharField(
        _("how it was asked for"),
        max_length=200,
        blank=True,
        default="",
        help_text=_("For example: in a letter of 3 November 2026; or spoken, at the clinic. Name nobody."),
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ASKED)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    refusal = models.CharField(_("why it is refused"), max_length=500, blank=True, default="")
    done = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(patient__isnull=False) | Q(user__isnull=False), name="erasure_of_somebody"
            ),
            models.UniqueConstraint(
                fields=["patient"],
                condition=Q(state__in=["asked", "accepted", "failed"]),
                name="erasure_once_a_patient",
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(state__in=["asked", "accepted", "failed"], patient__isnull=True),
                name="erasure_once_an_account",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(finished_at__isnull=True), name="erasure_unfinished"),
            models.Index(fields=["due_at"], condition=POISON, name="erasure_poison"),
        ]

    def __str__(self) -> str:
        return str(self.patient or self.user)

    @property
    def is_open(self) -> bool:
        """Whether it still waits for its decision."""
        return self.state == self.State.ASKED
