"""Who can be reached by a single outside channel, which then stands in for the others.

What somebody opted into may fail all the same, so beside it the other one is still the only way.
"""

from collections.abc import Collection
from datetime import datetime

from notifications import registry
from notifications.channels.ways import Addresses
from notifications.rules.routing import route, ways_to
from notifications.selectors.people import people
from notifications.types import OPT_IN, Category, EventType


def only_ways(user_ids: Collection[int]) -> dict[int, str]:
    """The one outside channel of each of these people who has only one, as routing counts them. A constant number of
    queries.
    """
    known = people(user_ids)
    addresses = Addresses(known.keys())
    found = {}
    for user_id, person in known.items():
        reachable, barred = addresses.ways_to(user_id)
        ways = ways_to(reachable, dict(barred), person.wishes.muted)
        ways = ways - OPT_IN or ways
        if len(ways) == 1:
            found[user_id] = next(iter(ways))
    return found


def stood_in_for(
    event_type: EventType, channel: str, user_ids: Collection[int], *, now: datetime
) -> set[int]:
    """Those of these people whom a message of this type would reach by this channel, because nothing else does. A
    constant number of queries. `now` is aware.
    """
    known = people(user_ids)
    addresses = Addresses(known.keys())
    found = set()
    for user_id, person in known.items():
        reachable, barred = addresses.ways_to(user_id)
        decisions = route(
            event_type,
            wishes=person.wishes,
            reachable=reachable,
            channels=[channel],
            now=now,
            obstacles=dict(barred),
        )
        if any(decision.stands_in for decision in decisions):
            found.add(user_id)
    return found


def stands_in(category: Category, channel: str) -> list[EventType]:
    """The types of a category that this channel carries to those whom nothing else reaches."""
    return [
        each
        for each in registry.event_types()
        if each.category == category and channel in each.stands_in and not each.is_on(channel)
    ]
