"""Whom an announcement would reach, by which channels and at what cost, before anybody is told: it is composed as it
will be then, and not written down.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

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


def reckon(payload: Mapping[str, Any], priority: int, *, now: datetime) -> Reckoning:
    """Of what would be published. As many queries for 10 people as for 2,000."""
    people = people_of(payload, now)
    found = Reckoning(len(people), min(len(people), MOST))
    by_channel = {name: ByChannel(name) for name in channels.outside()}
    first: dict[str, list[tuple[str, str]]] = {name: [] for name in by_channel}
    later: dict[str, list[tuple[str, str]]] = {name: [] for name in by_channel}
    for message in _composed(payload, priority, people[:MOST], now):
        if not message.deliveries:
            found.inbox_only += 1
            for decision in json.loads(message.common.routing):
                if decision["channel"] != IN_APP:
                    found.reasons[decision["channel"], Reason(decision["reason"])] += 1
        for address, delivery in zip(message.addresses, message.deliveries, strict=True):
            (later if delivery.step else first)[delivery.channel].append((address, delivery.body))
    for name, each in by_channel.items():
        each.first, each.later = len(first[name]), len(later[name])
        channel = channels.outside()[name]
        if channel.costs:
            each.cost = sum(channel.most(first[name], now=now), Decimal(0))
            each.later_cost = sum(channel.most(later[name], now=now), Decimal(0))
        if name == SMS:
            each.parts = sum(measure(body).parts for _address, body in first[name] + later[name])
    found.channels = [each for each in by_channel.values() if each.first or each.later]
    return found


def _composed(
    payload: Mapping[str, Any], priority: int, people: Sequence[int], now: datetime
) -> Iterator[NewMessage]:
    event_type = replace(registry.get(ANNOUNCEMENT), priority=Priority(priority))
    params = {"title": wordings(payload["title"]), "message": wordings(payload["message"])}
    about = audiences.about(payload["within"])
    for first in range(0, len(people), AT_ONCE):
        recipients = [
            Recipient(None, user_id, params, dedupe_key="", about=about)
            for user_id in people[first : first + AT_ONCE]
        ]
        yield from compose(event_type, recipients, now=now)
