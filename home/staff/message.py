"""The mail with an invitation to work at a clinic."""

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from home.models import StaffInvitation
from home.transactional.message import TransactionalMessage


def staff_invitation_message(invitation: StaffInvitation, path: str) -> TransactionalMessage:
    """`path` is the page that accepts it. It names the clinic, as whoever works there is asked to."""
    with translation.override(invitation.language):
        body = _(
            "%(clinic)s invites you to work with MedGuard as %(role)s.\n\nYou can use the link once, within %(days)s "
            "days. You choose your password yourself: nobody at the clinic knows it, and nobody will ask you for it."
            "\n\nIf you do not know what this is about, you can ignore this message."
        )
        return TransactionalMessage(
            channel="email",
            address=invitation.email,
            subject=_("Your clinic invites you to work with MedGuard"),
            body=body
            % {
                "clinic": invitation.clinic,
                "role": invitation.get_role_display(),
                "days": StaffInvitation.LIFE.days,
            },
            language=invitation.language,
            url=f"{settings.BASE_URL}{path}",
            scope_id=invitation.clinic_id,
        )
