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
        self._obstacles = {
            name: found
            for name, channel in outside.items()
            if (found := routing.strongest(not_agreed.get(name, {}), channel.obstacles(user_ids)))
        }

    def ways_to(self, user_id: int) -> Ways:
        reachable = tuple([name for name, known in self._addresses.items() if user_id in known])
        barred = tuple([(name, each[user_id]) for name, each in self._obstacles.items() if user_id in each])
        return reachable, barred

    def of(self, user_id: int, channel: str) -> str:
        """Their address; KeyError where there is none."""
        return self._addresses[channel][user_id]
