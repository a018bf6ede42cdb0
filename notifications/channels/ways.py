"""Where people can be reached by each outside channel, and what bars that."""

from collections.abc import Collection

from notifications import gate
from notifications.channels import registry as channels
from notifications.rules import routing
from notifications.types import Reason

Ways = tuple[tuple[str, ...], tuple[tuple[str, Reason], ...]]
"""The channels for which somebody has an address, and those of them that something bars."""


class Addresses:
    """Of these people; two queries a channel at most, and one for all."""

    def __init__(self, user_ids: Collection[int]) -> None:
        outside = channels.outside()
        self._addresses = {name: channel.addresses(user_ids) for name, channel in outside.items()}
        not_agreed = gate.barred(self._addresses)
        self._reachable: dict[int, tuple[str, ...]] = {}
        self._barred: dict[int, tuple[tuple[str, Reason], ...]] = {}
        for name, channel in outside.items():
            found = routing.strongest(not_agreed.get(name, {}), channel.obstacles(user_ids))
            for user_id in self._addresses[name]:
                self._reachable[user_id] = (*self._reachable.get(user_id, ()), name)
            for user_id, reason in found.items():
                self._barred[user_id] = (*self._barred.get(user_id, ()), (name, reason))

    def ways_to(self, user_id: int) -> Ways:
        return self._reachable.get(user_id, ()), self._barred.get(user_id, ())

    def of(self, user_id: int, channel: str) -> str:
        """Their address; KeyError where there is none."""
        return self._addresses[channel][user_id]
