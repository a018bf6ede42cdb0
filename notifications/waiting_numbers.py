"""Numbers that wait for their owner's yes: an SMS with YES from there is one.

The engine knows nobody who has no account yet. Whoever asks people for their number says it here, once, while the site
starts; until then no number waits.
"""

from datetime import datetime
from typing import Protocol

from notifications.languages.files import said_by_people

_YES = frozenset({"yes", "y", "ja", "ok"})
_NO = frozenset({"no", "nee"})


def says_yes(keyword: str) -> bool:
    """Whether an SMS that says this means that a number may be used, in any language that people answer in."""
    return keyword in _YES | said_by_people("yes")


def says_no(keyword: str) -> bool:
    """Whether it means that it may not."""
    return keyword in _NO | said_by_people("no")


class WaitingNumbers(Protocol):
    def confirm(self, number: str, *, now: datetime) -> int | None:
        """The owner of this number (E.164) said yes to what was asked last: the person whose it is now. None where it
        doesn't wait, or that can't be.
        """

    def decline(self, number: str, *, now: datetime) -> str | None:
        """Its owner said no to all that was asked: the language in which that was. None where nothing was."""


_registered: list[WaitingNumbers] = []


def register_waiting_numbers(waiting: WaitingNumbers) -> None:
    """Ask this one; it takes the place of the one before."""
    _registered[:] = [waiting]


def waiting_numbers() -> WaitingNumbers | None:
    """The one that is registered, if any."""
    return _registered[0] if _registered else None
