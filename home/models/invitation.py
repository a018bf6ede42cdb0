"""An invitation to care for a patient, sent to an address: its owner may have an account or not, and nobody asks."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from home.models.care_role import Relation
from home.models.invitation_link import InvitationLink
from home.models.patient import Patient
from notifications.encryption.fields import EncryptedEmailField, EncryptedPhoneField, EncryptedTextField


class Invitation(InvitationLink):
    """To care for a patient, sent by e-mail or SMS, or handed over at the desk."""

    CODE_LIFE = timedelta(minutes=30)
    CODE_TRIES = 5

    patient = models.ForeignKey(
        Patient, on_delete=models.CASCADE, related_name="invitations", verbose_name=_("patient")
    )
    relation = models.CharField(_("relation"), max_length=10, choices=Relation)
    alert_missed = models.BooleanField(_("notify about missed doses"), default=False)
    email = EncryptedEmailField(_("e-mail address"), null=True, blank=True, indexed=True)
    phone = EncryptedPhoneField(_("phone number"), null=True, blank=True, max_length=20, indexed=True)
    message_language = models.CharField(
        _("messages in another language"), max_length=10, default="", db_default="", blank=True
    )
    first_name = EncryptedTextField(_("first name"), default="", blank=True)
    last_name = EncryptedTextField(_("last name"), default="", blank=True)
    """Of the person who is invited, as staff were told; those of the patient where that is the same person."""
    purposes = models.JSONField(default=list, blank=True, editable=False)
    """What the person agreed to at the desk, before `invited_by`; it holds once the number is proved to be theirs.
    That carers are told is the patient's yes.
    """
    agreed_at = models.DateTimeField(null=True, editable=False)
    """When that was: None for an invitation that nobody was asked about at the desk."""
    agreed_language = models.CharField(
        max_length=5, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE, editable=False
    )
    code_digest = models.CharField(max_length=64, default="", blank=True, editable=False)
    code_expires_at = models.DateTimeField(null=True, editable=False)
    code_failures = models.PositiveSmallIntegerField(default=0, editable=False)
    card_digest = models.CharField(max_length=64, null=True, unique=True, editable=False)
    """Of the link on a printed card. Who has the card hasn't shown that the number is theirs."""

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(email__isnull=False, phone__isnull=True)
                | Q(email__isnull=True, phone__isnull=False),
                name="invitation_one_address",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.patient}: {self.address}"

    @property
    def address(self) -> str:
        return self.email or str(self.phone)

    @staticmethod
    def digest_of_code(pk: int, code: str) -> str:
        """Keyed: of so few codes a plain digest would tell which it is."""
        return salted_hmac("home.invitation.code", f"{pk}:{code}", algorithm="sha256").hexdigest()

    @property
    def is_by_code(self) -> bool:
        """Whether the person was asked at the desk, and proves by a code or a YES that the number is theirs."""
        return self.agreed_at is not None
