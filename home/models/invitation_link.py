"""A link by which somebody is invited: it works once, for whoever reads messages to the address that it was sent to."""

from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from notifications.encryption.fields import EncryptedTextField


class InvitationLink(models.Model):
    """What each invitation has, whatever it is to. It works until `expires_at`.

    Only a digest of the link's token is stored, so that nobody can open it who reads the database.
    """

    LIFE = timedelta(days=7)

    class State(models.TextChoices):
        UNSENT = "unsent", _("not sent yet")
        FAILED = "failed", _("could not be sent")
        SENT = "sent", _("waiting for an answer")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")
        REVOKED = "revoked", _("withdrawn")
        EXPIRED = "expired", _("expired")

    language = models.CharField(
        _("language"), max_length=5, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE
    )
    digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("invited by"),
    )
    created_at = models.DateTimeField(_("created"))
    expires_at = models.DateTimeField(_("valid until"))
    sent_at = models.DateTimeField(_("sent"), null=True)
    error = EncryptedTextField(_("error"), default="", blank=True)
    accepted_at = models.DateTimeField(_("accepted"), null=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("accepted by"),
    )
    declined_at = models.DateTimeField(_("declined"), null=True)
    revoked_at = models.DateTimeField(_("withdrawn"), null=True)

    class Meta:
        abstract = True

    @staticmethod
    def digest_of(token: str) -> str:
        return sha256(token.encode()).hexdigest()

    @property
    def is_over(self) -> bool:
        """Whether it was answered or withdrawn, so that it can't be sent again."""
        return any((self.accepted_at, self.declined_at, self.revoked_at))

    def is_open(self, now: datetime) -> bool:
        """Whether its link still works."""
        return not self.is_over and now < self.expires_at

    def state(self, now: datetime) -> State:
        if self.accepted_at is not None:
            return self.State.ACCEPTED
        if self.declined_at is not None:
            return self.State.DECLINED
        if self.revoked_at is not None:
            return self.State.REVOKED
        if now >= self.expires_at:
            return self.State.EXPIRED
        if self.error:
            return self.State.FAILED
        return self.State.SENT if self.sent_at else self.State.UNSENT
