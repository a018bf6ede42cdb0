"""Whom WhatsApp takes nothing for: a number that isn't there, and who stopped our messages there."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.dispatch import receiver

from notifications.channels.whatsapp.gateway import Effect
from notifications.encryption.cipher import unseal
from notifications.models import WhatsAppRefusal
from notifications.signals import channel_switched
from notifications.types import Reason

Why = WhatsAppRefusal.Why
AGAIN_AFTER = timedelta(days=30)
"""People move their number to WhatsApp; until then each message would be tried in vain, and come later another way."""


def obstacles(user_ids: Collection[int]) -> dict[int, Reason]:
    """Those of these people whose number isn't confirmed, or gets nothing by WhatsApp. One query."""
    people = get_user_model()._default_manager.filter(id__any_of=user_ids, phone__isnull=False).order_by()
    hindered = people.filter(Q(phone_verified_at__isnull=True) | Q(whatsapp_refusal__isnull=False))
    rows = hindered.annotate(kept=Cast("phone", TextField())).values_list(
        "id", "phone_verified_at", "kept", "whatsapp_refusal__why", "whatsapp_refusal__number"
    )
    found = {}
    for user_id, verified_at, kept, why, refused in rows:
        # It counts for the number that they had then.
        if why and unseal(kept) == refused:
            found[user_id] = Reason(why)
        elif verified_at is None:
            found[user_id] = Reason.UNVERIFIED
    return found


def refuse(user_id: int, number: str, effect: Effect, *, now: datetime) -> None:
    """Remember that WhatsApp took nothing for this person at this number, where that is what the error says."""
    if effect not in (Effect.NOT_THERE, Effect.STOPPED):
        return
    why, until = (Why.NOT_THERE, now + AGAIN_AFTER) if effect is Effect.NOT_THERE else (Why.STOPPED, None)
    WhatsAppRefusal.objects.update_or_create(
        user_id=user_id, defaults={"number": number, "why": why, "until": until}
    )


def is_there(user_id: int) -> None:
    """They wrote from there, so their number is on WhatsApp."""
    WhatsAppRefusal.objects.filter(user_id=user_id, why=Why.NOT_THERE).delete()


@receiver(channel_switched, dispatch_uid="notifications.channels.whatsapp.refusals")
def wanted_again(user_id: int, channel: str, on: bool, **kwargs: Any) -> None:
    """Whoever turns it on wants it tried again, whatever was said before."""
    if channel == "whatsapp" and on:
        WhatsAppRefusal.objects.filter(user_id=user_id).delete()
