"""What people write and no program understands: somebody has to read it, and an app above knows who.

The engine knows no nurses. Whoever brings such words to people says it here, once, while the site starts; until then
they are answered with how this number works.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from notifications.types import ABOUT_NOBODY, About


@dataclass(frozen=True, slots=True)
class FreeText:
    """Words that came in, and what is known of them.

    `id` is the row that keeps them (InboundMessage), `user_id` the account whose address `sender` is, None where it is
    nobody's. `about` is what the last message to that address in the days before was about. `stopped`: its owner wants
    no messages there.
    """

    id: int
    channel: str
    sender: str
    text: str
    at: datetime
    user_id: int | None = None
    about: About = ABOUT_NOBODY
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """What is replied at once (empty: nothing), and whom the words are about, where that is known."""

    reply: str = ""
    about: About | None = None


Listener = Callable[[FreeText], Heard]
_listeners: list[Listener] = []


def register_listener(listener: Listener) -> None:
    """Have it called with all that nobody but a person could understand, in the transaction that writes down what it
    was taken for; it takes the place of the one before.
    """
    _listeners[:] = [listener]


def hear(text: FreeText) -> Heard | None:
    """What the listener makes of it; None where there is none."""
    return _listeners[0](text) if _listeners else None
