"""Which channels a person chose for which messages."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from notifications import registry
from notifications.channels import registry as channels
from notifications.models import ChannelChoice
from notifications.preferences.only_way import only_ways, stands_in
from notifications.rules.plans import Plan
from notifications.selectors.plans import plans
from notifications.signals import preferences_changed
from notifications.types import IN_APP, Category


@dataclass(frozen=True, slots=True)
class Choice:
    """One cell of what reaches a person: a category by a channel. A fixed one can't be turned off.

    `stands_in`: the channel is off by default, and carries some of these messages because nothing else reaches them.
    """

    category: Category
    channel: str
    on: bool
    fixed: bool
    stands_in: bool = False


def choices(user_id: int) -> list[Choice]:
    """Every cell that there are messages for, category by category and channel by channel. A constant number of
    queries.
    """
    only_way = only_ways([user_id]).get(user_id)
    planned = plans()
    chosen = {
        (category, channel): on
        for category, channel, on in ChannelChoice.objects.filter(user_id=user_id).values_list(
            "category", "channel", "on"
        )
    }
    return [
        Choice(
            category,
            channel,
            on=_fixed(category, channel)
            or chosen.get((category, channel), _default(category, channel, planned[category]) or alone),
            fixed=_fixed(category, channel),
            stands_in=alone,
        )
        for category in Category
        if registry.of_category(category)
        for channel in channels.names()
        for alone in [_stands_in(category, channel, only_way)]
    ]


def choice_set(*, user_id: int, category: str, channel: str, on: bool, for_good: bool = False) -> bool:
    """Turn a channel on or off for a category; whether that is a change.

    What equals the default is not kept, so that those who never chose follow it when it changes; a channel that stands
    in, since nothing else reaches the person, is on by default, and so is one that the plan of the category names. It
    is kept where it is meant `for_good`, so that also a sender who asks for the channel isn't heeded. Raises
    ValidationError for a channel or category that nobody may choose, or one that is fixed on.
    """
    category = _chosen_category(category)
    if channel not in channels.names():
        raise ValidationError(_("There is no such choice."), code="choice")
    if _fixed(category, channel) and not on:
        raise ValidationError(_("Messages about your treatment always stay in your inbox."), code="fixed")
    row: dict[str, Any] = {"user_id": user_id, "category": category.value, "channel": channel}
    with transaction.atomic():
        default = _default(category, channel, plans()[category]) or _stands_in(
            category, channel, only_ways([user_id]).get(user_id)
        )
        if _fixed(category, channel) or (default == on and not for_good):
            changed = bool(ChannelChoice.objects.filter(**row).delete()[0])
        else:
            before = ChannelChoice.objects.filter(**row, on=on).exists()
            ChannelChoice.objects.update_or_create(**row, defaults={"on": on})
            changed = not before
        if changed:
            preferences_changed.send(ChannelChoice, user_id=user_id, changed={"choices"})
    return changed


def _chosen_category(name: str) -> Category:
    try:
        category = Category(name)
    except ValueError:
        category = None
    if category is None or registry.of_category(category) is None:
        raise ValidationError(_("There is no such choice."), code="choice")
    return category


def _default(category: Category, channel: str, plan: Plan) -> bool:
    event_type = registry.of_category(category)
    if channel in {step.channel for step in plan}:
        return True
    return event_type is not None and event_type.is_on(channel)


def _stands_in(category: Category, channel: str, only_way: str | None) -> bool:
    return channel == only_way and bool(stands_in(category, channel))


def _fixed(category: Category, channel: str) -> bool:
    event_type = registry.of_category(category)
    return channel == IN_APP and event_type is not None and event_type.clinical
