"""Whose number isn't on WhatsApp, as far as we know."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.dispatch import receiver

from notifications.encryption.cipher import unseal
from notifications.models import WhatsAppRefusal
from notifications.signals import channel_switched
from notifications.types import Reason

AGAIN_AFTER = timedelta(days=30)
"""People move their number to WhatsApp; until then each message would be tried in vain, and come later another way."""


def obstacles(user_ids: Collection[int]) -> dict[int, Reason]:
    """Those of these people whose number isn't confirmed, or isn't on WhatsApp. One query."""
    people = get_user_model()._default_manager.filter(id__any_of=user_ids, phone__isnull=False).order_by()
    hindered = people.filter(Q(phone_verified_at__isnull=True) | Q(whatsapp_refusal__isnull=False))
    rows = hindered.annotate(kept=Cast("phone", TextField())).values_list(
        "id", "phone_verified_at", "kept", "whatsapp_refusal__number"
    )
    found = {}
    for user_id, verified_at, kept, refused in rows:
        # It counts for the number that they had then.
        if refused is not None and unseal(kept) == refused:
            found[user_id] = Reason.NOT_ON_WHATSAPP
        elif verified_at is None:
            found[user_id] = Reason.UNVERIFIED
    return found


def refuse(user_id: int, number: str, *, now: datetime) -> None:
    """Remember that WhatsApp took nothing for this person at this number."""
    WhatsAppRefusal.objects.update_or_create(
        user_id=user_id, defaults={"number": number, "until": now + AGAIN_AFTER}
    )


def is_there(user_id: int) -> None:
    """They wrote from there, so their number is on WhatsApp."""
    WhatsAppRefusal.objects.filter(user_id=user_id).delete()


@receiver(channel_switched, dispatch_uid="notifications.channels.whatsapp.refusals")
def wanted_again(user_id: int, channel: str, on: bool, **kwargs: Any) -> None:
    """Whoever turns it on wants it tried again, whatever was said before."""
    if channel == "whatsapp" and on:
        is_there(user_id)
