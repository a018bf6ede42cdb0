"""Which channels a person chose for which messages."""

from collections.abc import Mapping
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
from notifications.types import IN_APP, Category, EventType


@dataclass(frozen=True, slots=True)
class Choice:
    """One cell of what reaches a person: a category, or one type of its messages, by a channel. A fixed one can't be
    turned off.

    `own`: a type has another choice than what it would have without it. `stands_in`: the channel is off by default, and
    carries some of these messages because nothing else reaches them.
    """

    category: Category
    event_type: EventType | None
    channel: str
    on: bool
    fixed: bool
    own: bool = False
    stands_in: bool = False

    @property
    def about(self) -> str:
        """The name by which it is chosen: that of the type, or else of the category."""
        return self.event_type.name if self.event_type else self.category.value


_Chosen = Mapping[tuple[str, str], bool]
"""What a person chose, by category or type and by channel."""


@dataclass(frozen=True, slots=True)
class _Cell:
    """A category, or one of its types, by a channel, for who is reached by no outside channel but `only_way`."""

    category: Category
    event_type: EventType | None
    channel: str
    plan: Plan
    only_way: str | None

    @property
    def fixed(self) -> bool:
        one = self.event_type or registry.of_category(self.category)
        return self.channel == IN_APP and one is not None and one.clinical

    @property
    def stands_in(self) -> bool:
        if self.channel != self.only_way:
            return False
        carried = stands_in(self.category, self.channel)
        return bool(carried) if self.event_type is None else self.event_type in carried

    def on_without(self, chosen: _Chosen) -> bool:
        """Whether it is on for who chose nothing for just this: a type follows its category."""
        if self.event_type is not None and (self.category, self.channel) in chosen:
            return chosen[self.category, self.channel]
        one = self.event_type or registry.of_category(self.category)
        planned = self.channel in {step.channel for step in self.plan}
        return planned or (one is not None and one.is_on(self.channel)) or self.stands_in

    def choice(self, chosen: _Chosen) -> Choice:
        about = self.event_type.name if self.event_type else self.category
        without = self.on_without(chosen)
        on = self.fixed or chosen.get((about, self.channel), without)
        return Choice(
            self.category,
            self.event_type,
            self.channel,
            on=on,
            fixed=self.fixed,
            own=self.event_type is not None and not self.fixed and on != without,
            stands_in=self.stands_in,
        )


def choices(user_id: int) -> list[Choice]:
    """Every cell that there are messages for, channel by channel: of each category, and then of each of its types. A
    constant number of queries.
    """
    only_way = only_ways([user_id]).get(user_id)
    planned = plans()
    chosen = _chosen(user_id)
    return [
        _Cell(category, event_type, channel, planned[category], only_way).choice(chosen)
        for category in Category
        if (types := registry.types_of(category))
        for event_type in (None, *types)
        for channel in channels.names()
    ]


def choice_set(*, user_id: int, about: str, channel: str, on: bool, for_good: bool = False) -> bool:
    """Turn a channel on or off for a category, or for one type of message, given by name; whether that is a change.

    What equals the default is not kept, so that those who never chose follow it when it changes; a channel that stands
    in, since nothing else reaches the person, is on by default, and so is one that the plan of the category names. What
    is chosen for a type goes before what is chosen for its category, and isn't kept where it equals that. A choice is
    kept where it is meant `for_good`, so that also a sender who asks for the channel isn't heeded; and then no type of
    the category is left on. Raises ValidationError for a channel, category or type that nobody may choose, or one that
    is fixed on.
    """
    category, event_type = _named(about)
    if channel not in channels.names():
        raise _no_such_choice()
    with transaction.atomic():
        only_way = only_ways([user_id]).get(user_id)
        cell = _Cell(category, event_type, channel, plans()[category], only_way)
        if cell.fixed and not on:
            raise ValidationError(_("Messages about your treatment always stay in your inbox."), code="fixed")
        beneath = ChannelChoice.objects.filter(user_id=user_id, category=category.value, channel=channel)
        own = beneath.filter(event_type=event_type.name if event_type else "")
        if cell.fixed or (cell.on_without(_chosen(user_id)) == on and not for_good):
            changed = bool(own.delete()[0])
        else:
            changed = not own.filter(on=on).exists()
            row: dict[str, Any] = {"user_id": user_id, "category": category.value, "channel": channel}
            row["event_type"] = event_type.name if event_type else ""
            ChannelChoice.objects.update_or_create(**row, defaults={"on": on})
        if for_good and event_type is None:
            changed |= bool(beneath.exclude(event_type="").exclude(on=on).delete()[0])
        if changed:
            preferences_changed.send(ChannelChoice, user_id=user_id, changed={"choices"})
    return changed


def _chosen(user_id: int) -> _Chosen:
    rows = ChannelChoice.objects.filter(user_id=user_id)
    columns = ("event_type", "category", "channel", "on")
    return {(name or category, channel): on for name, category, channel, on in rows.values_list(*columns)}


def _named(about: str) -> tuple[Category, EventType | None]:
    """The category, and the type if it is the name of one."""
    if event_type := registry.find(about):
        return event_type.category, event_type
    try:
        category = Category(about)
    except ValueError:
        raise _no_such_choice() from None
    if registry.of_category(category) is None:
        raise _no_such_choice()
    return category, None


def _no_such_choice() -> ValidationError:
    return ValidationError(_("There is no such choice."), code="choice")
