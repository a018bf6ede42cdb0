"""What somebody wrote for people to read, and what nurses answered."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from home.models.clinic import Clinic
from home.models.patient import Patient
from notifications.encryption.fields import EncryptedTextField, IndexOf


class Conversation(models.Model):
    """One of a person about one patient, for good: closed, it opens again when they write again.

    `patient` is missing where nobody knows yet about whom they write, `clinic` where that may be any: then it is head
    office's. Who has no account in use is known by their `number` alone. The words themselves are the InboundMessages
    about the same. `version` grows with whatever happens in it, so that nobody answers what they haven't seen.
    `last_at` is when they last wrote; `is_waiting`: nobody answered that yet.
    """

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("a conversation", "open")
        CLOSED = "closed", pgettext_lazy("a conversation", "closed")

    # Nobody looks for what refers to them.
    wagtail_reference_index_ignore = True

    clinic = models.ForeignKey(
        Clinic,
        on_delete=models.CASCADE,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("clinic"),
    )
    patient = models.ForeignKey(
        Patient,
        on_delete=models.CASCADE,
        null=True,
        related_name="conversations",
        verbose_name=_("patient"),
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        related_name="conversations",
        db_index=False,
        verbose_name=_("person"),
    )
    number = EncryptedTextField(_("number"), default="", blank=True, indexed=True)
    channel = models.CharField(_("channel"), max_length=20)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    is_urgent = models.BooleanField(_("urgent"), default=False)
    is_waiting = models.BooleanField(_("waits for an answer"), default=True)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("assigned to"),
    )
    opened_at = models.DateTimeField(_("opened"))
    last_at = models.DateTimeField(_("last wrote"))
    last_text = models.ForeignKey(
        "notifications.InboundMessage",
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("last words"),
    )
    read_at = models.DateTimeField(_("read"), null=True)
    closed_at = models.DateTimeField(_("closed"), null=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "patient"],
                condition=Q(user__isnull=False, patient__isnull=False),
                name="conversation_about_patient",
            ),
            models.UniqueConstraint(
                fields=["user", "clinic"],
                condition=Q(user__isnull=False, patient__isnull=True, clinic__isnull=False),
                name="conversation_at_clinic",
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(user__isnull=False, patient__isnull=True, clinic__isnull=True),
                name="conversation_of_nobody",
            ),
            models.UniqueConstraint(
                IndexOf("number"),
                condition=Q(user__isnull=True) & ~Q(number=""),
                name="conversation_of_number",
            ),
        ]
        indexes = [
            models.Index(
                fields=["clinic", "-is_urgent", "-is_waiting", "last_at"],
                condition=Q(state="open"),
                name="conversation_open",
            ),
            models.Index(fields=["closed_at"], condition=Q(state="closed"), name="conversation_closed"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.last_at:%Y-%m-%d %H:%M}"


class ConversationAnswer(models.Model):
    """What a nurse wrote back, as it was sent."""

    LONGEST = 600

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="answers")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    channel = models.CharField(max_length=20)
    text = EncryptedTextField(_("answer"))

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")

    def __str__(self) -> str:
        return f"{self.conversation_id}: {self.at:%Y-%m-%d %H:%M}"


class DangerWords(models.Model):
    """The words of one language that make what somebody writes urgent, as staff edited them; one phrase a line."""

    language = models.CharField(_("language"), max_length=10)
    phrases = models.TextField(_("words"))

    class Meta:
        verbose_name = _("words that mean danger")
        verbose_name_plural = _("words that mean danger")
        constraints = [models.UniqueConstraint(fields=["language"], name="danger_words_once")]

    def __str__(self) -> str:
        return self.language
