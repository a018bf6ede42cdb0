"""How long a session lasts (docs/decisions/0074). What is needed to know it is kept in the session itself."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase

_KEY = "life"


class State(Enum):
    OPEN = "open"
    LOCKED = "locked"
    """The person must show that it is they. What they were doing goes on then."""
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Life:
    """Of a session in which somebody is signed in. `noted_as`: the session key under which it is in the index.

    `seen_at` is when somebody last did something, to the minute; on a patient's own phone to the hour.
    """

    began_at: datetime
    seen_at: datetime
    is_staff: bool
    is_shared: bool
    device: str
    noted_as: str

    @property
    def longest(self) -> timedelta:
        brief: timedelta = settings.SESSION_BRIEF
        return brief if self.is_staff or self.is_shared else timedelta(seconds=settings.SESSION_COOKIE_AGE)

    def state(self, *, now: datetime) -> State:
        """A shared phone doesn't lock but ends: who comes next is perhaps another."""
        is_idle = now - self.seen_at >= settings.SESSION_IDLE
        if now - self.began_at >= self.longest or (self.is_shared and is_idle):
            return State.ENDED
        return State.LOCKED if self.is_staff and is_idle else State.OPEN

    def is_to_note(self, *, key: str | None, now: datetime) -> bool:
        """Whether it is time to write down that somebody is there. Not at each click: it is a write."""
        minutes = 1 if self.is_staff or self.is_shared else 60
        return self.noted_as != key or now - self.seen_at >= timedelta(minutes=minutes)


def life_of(session: SessionBase | dict[str, Any]) -> Life | None:
    """None of a session in which nobody has done anything since they signed in."""
    kept = session.get(_KEY)
    if not kept:
        return None
    return Life(
        began_at=datetime.fromtimestamp(kept["began"], UTC),
        seen_at=datetime.fromtimestamp(kept["seen"], UTC),
        is_staff=kept["staff"],
        is_shared=kept["shared"],
        device=kept["device"],
        noted_as=kept["noted_as"],
    )


def life_keep(session: SessionBase, life: Life) -> None:
    """Write it into the session; on a shared phone the cookie ends with the browser."""
    session[_KEY] = {
        "began": life.began_at.timestamp(),
        "seen": life.seen_at.timestamp(),
        "staff": life.is_staff,
        "shared": life.is_shared,
        "device": life.device,
        "noted_as": life.noted_as,
    }
    session.set_expiry(0 if life.is_shared else int(life.longest.total_seconds()))
