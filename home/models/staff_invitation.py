"""An invitation to work at a clinic, sent to an e-mail address."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from home.models.clinic import Clinic
from home.models.invitation_link import InvitationLink
from home.models.staff_role import StaffRole
from notifications.encryption.fields import EncryptedEmailField, IndexOf


class StaffInvitation(InvitationLink):
    """As what somebody was invited, by whom and when. Of those without an answer a clinic has one for each address.

    `email` is in lower case.
    """

    clinic = models.ForeignKey(
        Clinic,
        on_delete=models.CASCADE,
        related_name="staff_invitations",
        db_index=False,
        verbose_name=_("clinic"),
    )
    role = models.CharField(_("role"), max_length=10, choices=StaffRole.Role)
    email = EncryptedEmailField(_("e-mail address"), indexed=True)

    class Meta:
        verbose_name = _("invitation of staff")
        verbose_name_plural = _("invitations of staff")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                IndexOf("email"),
                "clinic",
                condition=Q(accepted_at=None, declined_at=None, revoked_at=None),
                name="staff_invitation_once",
            ),
        ]
        indexes = [models.Index(fields=["clinic", "-created_at"], name="staff_invitation_clinic")]

    def __str__(self) -> str:
        """Without the address: logs keep it."""
        return f"{self.get_role_display()}, {self.clinic}"

    @property
    def address(self) -> str:
        return str(self.email)
