"""What people send back, by whichever channel."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from notifications.encryption.fields import EncryptedTextField
from notifications.models.scoped import Scoped
from notifications.models.work import POISON, Work


class InboundMessage(Scoped, Work):
    """One message that somebody sent us: kept as soon as it comes, dealt with afterwards, and never dealt with twice.

    Where it was something else than text, its kind stands in `text` in brackets: "[audio]". `interpretation` says what
    it was taken for, `reply` what it was answered with (empty: with nothing). Text, number and reply are wiped after
    their retention; the row stays as long as messages do, so that a replay stays one.
    """

    TRIED_AGAIN = {"state": "pending"}

    class State(models.TextChoices):
        PENDING = "pending", _("waiting")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    class Interpretation(models.TextChoices):
        STOP = "stop", pgettext_lazy("what an SMS was taken for", "stop")
        START = "start", pgettext_lazy("what an SMS was taken for", "start")
        HELP = "help", pgettext_lazy("what an SMS was taken for", "help")
        PLEASE_CALL = "please_call", _("asks to be called")
        ANSWER = "answer", _("an answer that counts")
        LATE = "late", _("an answer to something already answered, or over")
        NOTHING_ASKED = "nothing_asked", _("an answer, but nothing was asked")
        UNKNOWN_WORDS = "unknown_words", _("words we don’t know")
        NOT_TEXT = "not_text", _("something that isn’t text")
        STRANGER = "stranger", _("from a number we don’t know")

    channel = models.CharField(_("channel"), max_length=20, default="sms", db_default="sms")
    provider = models.CharField(_("provider"), max_length=40)
    provider_id = models.CharField(max_length=200)
    sender = EncryptedTextField(_("from"), blank=True, indexed=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="inbound_messages",
        verbose_name=_("person"),
    )
    text = EncryptedTextField(_("text"), blank=True)
    button = EncryptedTextField(default="", db_default="", blank=True)
    """What the button carries that was tapped: the token of a quick reply, or the name of one."""
    in_reply_to = models.CharField(max_length=200, default="", db_default="", blank=True)
    """What the provider calls the message that was answered; empty where it doesn't say."""
    command = models.CharField(max_length=10, default="", db_default="", blank=True)
    """What its provider took it for and carried out by itself (`rules.keywords.Command`), if anything."""
    received_at = models.DateTimeField(_("received"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PENDING)
    interpretation = models.CharField(
        _("understood as"), max_length=20, choices=Interpretation, default="", blank=True
    )
    reply = EncryptedTextField(_("reply"), default="", blank=True)
    error = EncryptedTextField(_("error"), default="", blank=True)

    class Meta:
        verbose_name = _("message received")
        verbose_name_plural = _("messages received")
        constraints = [
            models.UniqueConstraint(fields=["provider", "provider_id"], name="inbound_once"),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(finished_at__isnull=True), name="inbound_unfinished"),
            models.Index(fields=["due_at"], condition=POISON, name="inbound_poison"),
            models.Index(fields=["received_at"], name="inbound_received"),
            models.Index(fields=["scope_id", "subject_id"], name="inbound_scope"),
            models.Index(
                fields=["user", "received_at"], condition=Q(channel="whatsapp"), name="inbound_whatsapp"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.received_at:%Y-%m-%d %H:%M}"
