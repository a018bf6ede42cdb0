"""The letter with a code, and the other letters about addresses. None says more than that there is an account."""

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from home.transactional.message import Letter

CHANNEL_OF = {"email": "email", "phone": "sms"}
"""The channel that reaches each kind of address."""
MINUTES = 10
"""How long a code works."""


def code_letter(kind: str, address: str, code: str, *, language: str, page: str) -> Letter:
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
        return _letter(
            kind, address, _("Your MedGuard code"), body % {"code": code, "minutes": MINUTES}, _at(page)
        )


def password_letter(address: str, url: str, *, language: str) -> Letter:
    """`url` is the page on which its reader chooses a new password."""
    with translation.override(language):
        body = _(
            "Have you forgotten your password for MedGuard? Choose a new one on the page below.\n\nYou can use the "
            "link once, within three days.\n\nDid you not ask for this? You can ignore this message: your password "
            "stays as it is."
        )
        return _letter("email", address, _("Choose a new password"), body, url)


def taken_letter(kind: str, address: str, *, language: str) -> Letter:
    """To an address with an account, of which somebody else said that it was theirs."""
    with translation.override(language):
        body = _(
            "Somebody asked for MedGuard messages here. This address or number already belongs to another account, "
            "so nothing was changed. If it was you, ask at your clinic."
        )
        return _letter(kind, address, _("Nothing was changed"), body, _at("account_login"))


def moved_letter(kind: str, address: str, *, language: str) -> Letter:
    """To an address that somebody gave up."""
    with translation.override(language):
        body = _(
            "Your MedGuard messages no longer come here, because you gave another address or number. If that was not "
            "you, tell your clinic at once."
        )
        return _letter(kind, address, _("Your messages go elsewhere now"), body, _at("account_login"))


def _at(page: str) -> str:
    return f"{settings.BASE_URL}{reverse(page)}"


def _letter(kind: str, address: str, subject: str, body: str, url: str) -> Letter:
    return Letter(
        channel=CHANNEL_OF[kind],
        address=address,
        subject=subject,
        body=body,
        language=translation.get_language(),
        url=url,
    )
