"""The last message to a person whose account was erased: to the address that nobody here knows any more."""

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from home.models import User
from home.transactional.codes import CHANNEL_OF
from home.transactional.message import TransactionalMessage, can_send


def erased_message(user: User, *, language: str) -> TransactionalMessage | None:
    """By e-mail, or else by SMS; None for somebody with no verified address. Made before the address goes."""
    kinds = (("email", user.email, user.email_verified_at), ("phone", user.phone, user.phone_verified_at))
    for kind, address, verified_at in kinds:
        channel = CHANNEL_OF[kind]
        if address and verified_at and can_send(channel):
            with translation.override(language):
                return TransactionalMessage(
                    channel=channel,
                    address=str(address),
                    subject=_("Your data has been erased"),
                    body=_(
                        "As you asked, MedGuard has erased your account and your name. You will get no more messages "
                        "from us. At your clinic you are welcome as before."
                    ),
                    language=language,
                    url=settings.BASE_URL,
                )
    return None
