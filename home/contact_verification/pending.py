"""A code that was sent, kept in the session of the person who asked for it."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime

from django.contrib.sessions.backends.base import SessionBase
from django.utils.crypto import constant_time_compare

from home.transactional.codes import MINUTES

TRIES = 5
_KEY = "contact_verification"


@dataclass(frozen=True, slots=True)
class Pending:
    """`asked_at` is in seconds since 1970. An empty code means that none was sent: then every code is wrong."""

    kind: str
    address: str
    code: str
    asked_at: float
    failures: int = 0

    def fits(self, code: str) -> bool:
        digits = "".join(filter(str.isdecimal, code))
        return bool(self.code) and constant_time_compare(self.code, digits)


def begin(session: SessionBase, pending: Pending) -> None:
    session[_KEY] = asdict(pending)


def find(session: SessionBase, kind: str, *, now: datetime) -> Pending | None:
    """The address that waits for its code, or None; a code works for MINUTES."""
    found = session.get(_KEY)
    if not found or found["kind"] != kind or now.timestamp() - found["asked_at"] > MINUTES * 60:
        return None
    return Pending(**found)


def failed(session: SessionBase, pending: Pending) -> bool:
    """Count a wrong code; whether another may be tried."""
    pending = replace(pending, failures=pending.failures + 1)
    if pending.failures >= TRIES:
        end(session)
        return False
    begin(session, pending)
    return True


def end(session: SessionBase) -> None:
    session.pop(_KEY, None)
