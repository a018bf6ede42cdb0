"""What others changed of a person's settings, as the person asked them to. Whoever offers that registers it here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Changed:
    """One change by staff: when (aware), by whom, and what, in the active language; `by` is empty where the account is
    gone.
    """

    at: datetime
    by: str
    words: Sequence[str]


Select = Callable[[int], Sequence[Changed]]
_selects: list[Select] = []


def register_changes(select: Select) -> None:
    """Ask this one for the latest changes of a person's settings, the newest first."""
    _selects[:] = [select]


def changes_for(user_id: int) -> Sequence[Changed]:
    """The latest, the newest first."""
    return _selects[0](user_id) if _selects else ()
