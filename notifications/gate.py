"""Whether somebody has agreed to be written to outside the inbox.

The engine knows no consent. Whoever keeps consents says it here, once, while the site starts. Until then nobody is
barred.
"""

from collections.abc import Collection, Mapping
from typing import Protocol

from notifications.types import Reason

Reachable = Mapping[str, Collection[int]]
"""By channel, the people who could be reached by it."""
Barred = Mapping[str, Mapping[int, Reason]]
"""By channel, those of them who may not be written to by it, and why."""


class Gate(Protocol):
    def barred(self, reachable: Reachable) -> Barred:
        """One query for all of them."""

    def sentence(self, channel: str) -> str:
        """What a person agrees to who turns this channel on, in the active language."""


_gates: list[Gate] = []


def register_gate(gate: Gate) -> None:
    """Ask this one; it takes the place of the one before."""
    _gates[:] = [gate]


def barred(reachable: Reachable) -> Barred:
    """As `Gate.barred` says; nobody where there is no gate."""
    return _gates[0].barred(reachable) if _gates and any(reachable.values()) else {}


def not_agreed(user_id: int, channels: Collection[str]) -> frozenset[str]:
    """Those of these channels to which this person hasn't agreed. One query."""
    found = barred(dict.fromkeys(channels, (user_id,)))
    return frozenset(channel for channel, people in found.items() if Reason.NO_CONSENT in people.values())


def sentence(channel: str) -> str:
    """As `Gate.sentence` says; empty where there is no gate."""
    return _gates[0].sentence(channel) if _gates else ""
