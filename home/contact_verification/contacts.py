"""The contacts of a person: an address is verified once the code that was sent there came back."""

from datetime import datetime
from functools import partial

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from home.models import User
from home.transactional.codes import account_changed_message, address_changed_message
from home.transactional.queue import enqueue
from notifications.encryption.cipher import is_unreadable
from notifications.preferences.contacts import address_moved
from notifications.selectors.people import language_of
from notifications.services import NotificationService

KINDS = ("email", "phone")
CARRIED_BY = {"email": ("email",), "phone": ("sms", "whatsapp", "voice")}
"""The channels that write to, or call, each kind of address."""
_CHANGED = {
    "email": gettext_lazy("Your MedGuard account has another e-mail address."),
    "phone": gettext_lazy("Your MedGuard account has another phone number."),
}


def address_of(user: User, kind: str) -> str:
    """Empty where there is none, or none that can be read. `kind` is one of KINDS."""
    address = user.email if kind == "email" else user.phone
    return "" if address is None or is_unreadable(address) else str(address)


def address_confirm(*, user_id: int, kind: str, address: str, now: datetime) -> bool:
    """Record this address (in E.164, or in lower case) as the person's own and verified; whether it is a new one.

    Where it is new, the person is told as `address_changed_tell` says. Raises ValidationError when it belongs to
    somebody else by now.
    """
    try:
        with transaction.atomic():
            user = User.objects.select_for_update().get(pk=user_id)
            before = address_of(user, kind)
            setattr(user, kind, address)
            setattr(user, f"{kind}_verified_at", now)
            user.save(update_fields=[kind, f"{kind}_verified_at"])
            changed = address_of(user, kind) != before
            if changed:
                address_followed(user=user, kind=kind, before=before)
                address_changed_tell(user=user, kind=kind, before=before)
    except IntegrityError:
        raise ValidationError(
            _("This cannot be used here, because it belongs to another account. Ask at your clinic."),
            code="taken",
        ) from None
    return changed


def address_followed(*, user: User, kind: str, before: str) -> None:
    """Send what waits for the person's former address (`before`) to the one that they have now, if any."""
    for channel in CARRIED_BY[kind]:
        address_moved(user_id=user.pk, channel=channel, before=before, after=address_of(user, kind))


def email_verify(*, user_id: int, email: str, now: datetime) -> None:
    """Record that the person has read a message to this e-mail address, if it is still theirs."""
    User.objects.filter(pk=user_id, email=email.lower(), email_verified_at__isnull=True).update(
        email_verified_at=now
    )


def address_changed_tell(*, user: User, kind: str, before: str) -> None:
    """Tell a person, after the commit, that this address of theirs is another one: at the one `before` (empty where
    there was none), by e-mail, which costs nothing, and in the inbox.
    """
    language = language_of(user.pk)
    with translation.override(language):
        titles = {"email": _("Your e-mail address was changed"), "phone": _("Your phone number was changed")}
        text = _(
            "From now on we use the new one. If it was not you who changed it, tell your clinic at once."
        )
        NotificationService.send(
            users=[user], title=titles[kind], message=text, channels=["in_app"], path="/preferences/"
        )
    notices = [address_changed_message(kind, before, language=language)] if before else []
    other = "phone" if kind == "email" else "email"
    if (address := address_of(user, other)) and (other == "email" or not before):
        notices.append(account_changed_message(other, address, _CHANGED[kind], language=language))
    for notice in notices:
        transaction.on_commit(partial(enqueue, notice))
