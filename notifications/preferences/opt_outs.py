"""What people told a provider itself to stop is off here too, until they start it again."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.dispatch import receiver

from notifications.models import InboundMessage, ProviderOptOut
from notifications.preferences.settings import preferences_update
from notifications.selectors.people import SWITCHES
from notifications.signals import opted_out_at_provider


@receiver(opted_out_at_provider, dispatch_uid="notifications.preferences.opt_outs")
def opt_out(
    *, user_id: int, channel: str, provider: str, sent_at: datetime, now: datetime, **kwargs: Any
) -> None:
    """Turn the channel off, as if the person had done it by a message there. May be repeated.

    It lasts until they turn it on again, here or by START (`preferences_update`). Should the provider still let nothing
    through by then, it says so at the next message. What it says late of a message that was sent before their START
    (`sent_at`) is about the time before.
    """
    with transaction.atomic():
        if _started_since(user_id, channel, sent_at):
            return
        preferences_update(user_id=user_id, changes={SWITCHES[channel]: False}, now=now, how=channel)
        ProviderOptOut.objects.get_or_create(
            user_id=user_id, channel=channel, provider=provider, defaults={"since": now}
        )


def _started_since(user_id: int, channel: str, moment: datetime) -> bool:
    return InboundMessage.objects.filter(
        user_id=user_id,
        channel=channel,
        interpretation=InboundMessage.Interpretation.START,
        received_at__gt=moment,
    ).exists()


def opt_outs(user_id: int) -> QuerySet[ProviderOptOut]:
    """What this person stopped with providers. One query."""
    return ProviderOptOut.objects.filter(user_id=user_id).order_by("channel", "since")


def stopped_at_providers(user_ids: Collection[int]) -> set[tuple[int, str]]:
    """Who of these people stopped which channel with a provider. One query."""
    rows = ProviderOptOut.objects.filter(user_id__any_of=user_ids).order_by()
    return set(rows.values_list("user_id", "channel"))
