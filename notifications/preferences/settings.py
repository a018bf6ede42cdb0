"""A person's own settings: their language, their clock, their quiet hours, and a pause."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext as _

from notifications.models import NotificationPreferences, ProviderOptOut
from notifications.selectors.people import SWITCHES
from notifications.signals import channel_switched, preferences_changed, preferences_given
from notifications.timezones import known_zone

LONGEST_PAUSE = timedelta(days=366)


def preferences_update(
    *, user_id: int, changes: Mapping[str, Any], now: datetime, how: str = "site"
) -> frozenset[str]:
    """Save these fields of a person's NotificationPreferences; the names of those that are different now.

    `how` is the way by which they said so: "site", or the channel by which they wrote or in whose call they pressed a
    key. Who turns a channel on has stopped it nowhere any more.

    Raises ValidationError by field, and then nothing is changed.
    """
    with transaction.atomic():
        NotificationPreferences.objects.get_or_create(user_id=user_id)
        preferences = NotificationPreferences.objects.select_for_update().get(user_id=user_id)
        changed = {name for name, value in changes.items() if getattr(preferences, name) != value}
        if changed:
            for name in changed:
                setattr(preferences, name, changes[name])
            # A stored zone that is none any more must not keep anybody from changing something else.
            preferences.full_clean(exclude={"timezone"} - changed)
            if "paused_until" in changed and preferences.paused_until:
                pause_check(preferences.paused_until, known_zone(preferences.timezone), now=now)
            preferences.save(update_fields=changed)
            preferences_changed.send(NotificationPreferences, user_id=user_id, changed=changed)
        on = [name for name, field in SWITCHES.items() if changes.get(field)]
        ProviderOptOut.objects.filter(user_id=user_id, channel__in=on).delete()
        for channel in [name for name, field in SWITCHES.items() if field in changes]:
            channel_switched.send(
                NotificationPreferences,
                user_id=user_id,
                channel=channel,
                on=changes[SWITCHES[channel]],
                how=how,
                now=now,
            )
    return frozenset(changed)


@receiver(preferences_given, dispatch_uid="notifications.preferences.settings")
def save_given(*, user_id: int, values: Mapping[str, Any], said: Collection[str], **kwargs: Any) -> None:
    """What a program saves. A channel is turned on or off only where the program itself said so."""
    unsaid = set(SWITCHES.values()).difference(said)
    changes = {name: value for name, value in values.items() if name not in unsaid}
    preferences_update(user_id=user_id, changes=changes, now=timezone.now())


def pause_check(until: date, timezone_name: str, *, now: datetime) -> None:
    """Raises ValidationError for a day on which somebody of this zone can't start again: no pause is for ever."""
    today = now.astimezone(ZoneInfo(timezone_name)).date()
    if until <= today:
        raise ValidationError({"paused_until": _("Choose a day after today.")})
    if until > today + LONGEST_PAUSE:
        raise ValidationError({"paused_until": _("A pause can last a year at most.")})
