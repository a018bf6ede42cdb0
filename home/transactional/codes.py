"""The messages with a code, and the others about addresses. None says more than that there is an account."""

import secrets

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from home.transactional.message import TransactionalMessage

CHANNEL_OF = {"email": "email", "phone": "sms"}
"""The channel that each kind of address belongs to."""
MINUTES = 10
"""How long a code works."""


def new_code() -> str:
    return f"{secrets.randbelow(1_000_000):06d}"


def code_message(kind: str, address: str, code: str, *, language: str, page: str) -> TransactionalMessage:
    """`page` is the name of the page that asks for the code."""
    with translation.override(language):
        if kind == "phone":
            body = _(
                "%(code)s is your MedGuard code. It works for %(minutes)s minutes. Never give it to anyone."
            )
        else:
            body = _(
                "Your code is %(code)s\n\nIt works for %(minutes)s minutes. Type it where you asked for it, and "
                "never give it to anyone.\n\nDid you not ask for a code? You can ignore this message."
            )
        return _message(
            kind, address, _("Your MedGuard code"), body % {"code": code, "minutes": MINUTES}, _at(page)
        )


def password_message(address: str, url: str, *, language: str) -> TransactionalMessage:
    """`url` is the page on which its reader chooses a new password."""
    with translation.override(language):
        body = _(
            "Have you forgotten your password for MedGuard? Choose a new one on the page below.\n\nYou can use the "
            "link once, within three days.\n\nDid you not ask for this? You can ignore this message: your password "
            "stays as it is."
        )
        return _message("email", address, _("Choose a new password"), body, url)


def choose_password_message(address: str, url: str, *, language: str) -> TransactionalMessage:
    """To whom head office made an account, or sends a link because they asked for one there."""
    with translation.override(language):
        body = _(
            "Choose your password for MedGuard on the page below. Nobody else knows it, and nobody will ask you for "
            "it.\n\nYou can use the link once, within three days.\n\nIf you do not know what this is about, you can "
            "ignore this message."
        )
        return _message("email", address, _("Choose your password"), body, url)


def address_taken_message(kind: str, address: str, *, language: str) -> TransactionalMessage:
    """To the address of an account, when somebody else gave it as their own."""
    with translation.override(language):
        body = _(
            "Somebody asked for MedGuard messages here. This address or number already belongs to another account, "
            "so nothing was changed. If it was you, ask at your clinic."
        )
        return _message(kind, address, _("Nothing was changed"), body, _at("account_login"))


def address_changed_message(kind: str, address: str, *, language: str) -> TransactionalMessage:
    """To the address that a person had before they changed it."""
    with translation.override(language):
        body = _(
            "Your MedGuard messages no longer come here, because you gave another address or number. If that was not "
            "you, tell your clinic at once."
        )
        return _message(kind, address, _("Your messages go elsewhere now"), body, _at("account_login"))


def account_changed_message(kind: str, address: str, said: object, *, language: str) -> TransactionalMessage:
    """To a person whose ways in were changed; `said` is the sentence that says how, to be translated."""
    with translation.override(language):
        body = _("%(said)s If that was not you, tell your clinic at once.") % {"said": said}
        return _message(kind, address, _("Your MedGuard account was changed"), body, _at("account_login"))


def _at(page: str) -> str:
    return f"{settings.BASE_URL}{reverse(page)}"


def _message(kind: str, address: str, subject: str, body: str, url: str) -> TransactionalMessage:
    return TransactionalMessage(
        channel=CHANNEL_OF[kind],
        address=address,
        subject=subject,
        body=body,
        language=translation.get_language(),
        url=url,
    )
