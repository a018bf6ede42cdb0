"""What people told a provider itself to stop is off here too, until they start it again."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.dispatch import receiver

from notifications.models import ProviderOptOut
from notifications.preferences.settings import preferences_update
from notifications.selectors.people import SWITCHES
from notifications.signals import opted_out_at_provider


@receiver(opted_out_at_provider, dispatch_uid="notifications.preferences.opt_outs")
def opt_out(*, user_id: int, channel: str, provider: str, now: datetime, **kwargs: Any) -> None:
    """Turn the channel off, as if the person had done it by a message there. May be repeated.

    It lasts until they turn it on again, here or by START (`preferences_update`). Should the provider still let nothing
    through by then, it says so at the next message.
    """
    with transaction.atomic():
        preferences_update(user_id=user_id, changes={SWITCHES[channel]: False}, now=now, how=channel)
        ProviderOptOut.objects.get_or_create(
            user_id=user_id, channel=channel, provider=provider, defaults={"since": now}
        )


def opt_outs(user_id: int) -> QuerySet[ProviderOptOut]:
    """What this person stopped with providers. One query."""
    return ProviderOptOut.objects.filter(user_id=user_id).order_by("channel", "since")


def stopped_at_providers(user_ids: Collection[int]) -> set[tuple[int, str]]:
    """Who of these people stopped which channel with a provider. One query."""
    rows = ProviderOptOut.objects.filter(user_id__any_of=user_ids).order_by()
    return set(rows.values_list("user_id", "channel"))
