"""Whom an announcement would reach, by which channels and at what cost, before anybody is told: it is composed as it
will be then, and not written down.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from notifications import audiences, registry
from notifications.channels import registry as channels
from notifications.event_types import ANNOUNCEMENT, people_of, wordings
from notifications.pipeline.compose import compose
from notifications.pipeline.insert import NewMessage
from notifications.texts.sms_parts import measure
from notifications.types import IN_APP, Priority, Reason, Recipient

SMS = "sms"
MOST = 10_000
"""Of so many people it is worked out; of more, from these."""
AT_ONCE = 2_000


@dataclass(slots=True)
class ByChannel:
    """One channel: for how many people it is the first way, for how many it only follows, and what that takes.

    `parts` are those of SMS. Costs are in rand, at most, at the prices of today; `later_cost` is what is added where
    all that only follows is needed too.
    """

    name: str
    first: int = 0
    later: int = 0
    parts: int = 0
    cost: Decimal = Decimal(0)
    later_cost: Decimal = Decimal(0)


@dataclass(slots=True)
class Reckoning:
    """`people` are all, `looked_at` those of whom the rest is known. Who has it in the inbox alone is in `inbox_only`,
    and `reasons` says for how many of them which channel isn't used, and why.
    """

    people: int = 0
    looked_at: int = 0
    inbox_only: int = 0
    channels: list[ByChannel] = field(default_factory=list)
    reasons: Counter[tuple[str, Reason]] = field(default_factory=Counter)

    @property
    def cost(self) -> Decimal:
        return sum((each.cost for each in self.channels), Decimal(0))

    @property
    def most(self) -> Decimal:
        """With all that only follows."""
        return self.cost + sum((each.later_cost for each in self.channels), Decimal(0))

    @property
    def is_sample(self) -> bool:
        return self.looked_at < self.people


@dataclass(frozen=True, slots=True)
class Said:
    """Words by language of pages, and the ids of who would be told them: twice of who is told twice."""

    title: Mapping[str, str]
    message: Mapping[str, str]
    people: Sequence[int]


class _Way(NamedTuple):
    """A delivery that there would be: of which of the words, and whether it only follows another one."""

    place: int
    later: bool
    address: str
    body: str


def reckon(payload: Mapping[str, Any], priority: int, *, now: datetime) -> Reckoning:
    """Of what would be published. As many queries for 10 people as for 2,000."""
    said = Said(payload["title"], payload["message"], people_of(payload, now))
    [found] = reckon_each([said], payload["within"], priority, now=now)
    return found


def reckon_each(
    said: Sequence[Said], within: Mapping[str, Any], priority: int, *, now: datetime
) -> list[Reckoning]:
    """Of each of several, in as many queries as of one."""
    most = MOST // max(len(said), 1)
    found = [Reckoning(len(each.people), min(len(each.people), most)) for each in said]
    ways: dict[str, list[_Way]] = {name: [] for name in channels.outside()}
    for message in _composed(said, most, within, priority, now):
        place = int(message.own.dedupe_key)
        if not message.deliveries:
            found[place].inbox_only += 1
            for decision in json.loads(message.common.routing):
                if decision["channel"] != IN_APP:
                    found[place].reasons[decision["channel"], Reason(decision["reason"])] += 1
        for address, delivery in zip(message.addresses, message.deliveries, strict=True):
            ways[delivery.channel].append(_Way(place, bool(delivery.step), address, delivery.body))
    for name, theirs in ways.items():
        for place, each in _counted(name, theirs, now).items():
            found[place].channels.append(each)
    return found


def _counted(name: str, ways: Sequence[_Way], now: datetime) -> dict[int, ByChannel]:
    """What one channel takes for each of the words. One query, where it costs."""
    channel = channels.outside()[name]
    costs: Sequence[Decimal] = [Decimal(0)] * len(ways)
    if channel.costs and ways:
        costs = channel.most([(way.address, way.body) for way in ways], now=now)
    found: dict[int, ByChannel] = {}
    for way, cost in zip(ways, costs, strict=True):
        each = found.setdefault(way.place, ByChannel(name))
        if way.later:
            each.later += 1
            each.later_cost += cost
        else:
            each.first += 1
            each.cost += cost
        if name == SMS:
            each.parts += measure(way.body).parts
    return found


def _composed(
    said: Sequence[Said], most: int, within: Mapping[str, Any], priority: int, now: datetime
) -> Iterator[NewMessage]:
    """The messages that there would be, each with the place of its words for a key."""
    event_type = replace(registry.get(ANNOUNCEMENT), priority=Priority(priority))
    about = audiences.about(within)
    recipients = []
    for place, each in enumerate(said):
        params = {"title": wordings(each.title), "message": wordings(each.message)}
        recipients += [
            Recipient(None, user_id, params, dedupe_key=str(place), about=about)
            for user_id in each.people[:most]
        ]
    for first in range(0, len(recipients), AT_ONCE):
        yield from compose(event_type, recipients[first : first + AT_ONCE], now=now)
