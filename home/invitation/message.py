"""The message with an invitation. It names neither patient nor clinic: who gets it by mistake learns nothing."""

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from home.models import Invitation
from home.transactional.codes import CHANNEL_OF
from home.transactional.message import TransactionalMessage


def invitation_message(invitation: Invitation, path: str, *, code: str = "") -> TransactionalMessage:
    """`path` is the page that accepts it, or empty; `code` what proves at the desk that the number is theirs."""
    kind = "email" if invitation.email else "phone"
    url = f"{settings.BASE_URL}{path}" if path else ""
    values = {"url": url, "days": Invitation.LIFE.days, "code": code}
    with translation.override(invitation.language):
        if code:
            body = _by_code(with_link=bool(path))
        elif kind == "phone":
            body = _(
                "Your clinic invites you to get reminders from MedGuard. Open this link within %(days)s days: "
                "%(url)s"
            )
        else:
            body = _(
                "Your clinic invites you to MedGuard, which reminds you of what matters for your health, or for "
                "that of somebody you care for.\n\nYou can use the link once, within %(days)s days. If you do not "
                "know what this is about, you can ignore this message."
            )
        return TransactionalMessage(
            channel=CHANNEL_OF[kind],
            address=invitation.address,
            subject=_("Your clinic invites you to MedGuard"),
            body=body % values,
            language=invitation.language,
            url=url,
            scope_id=invitation.patient.clinic_id,
        )


def _by_code(*, with_link: bool) -> str:
    """In one SMS: what the code is for, and that its reader may say no. Replies are offered where they come to us."""
    if settings.SMS_REPLIES:
        said = _(
            "Your clinic: code %(code)s. Read it to the nurse or reply YES to get reminders. Reply NO to refuse."
        )
    else:
        said = _("Your clinic: code %(code)s. Read it to the nurse to get reminders from MedGuard.")
    return f"{said} %(url)s" if with_link else said
