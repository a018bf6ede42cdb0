"""The list as the clinic's page has it: its figure and its first lines, read once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from home.models import Clinic
from home.worklist.entries import Listed, listed

MOST_CLINICS = 5
"""Of whoever looks after more, no calls are counted: they are for the clinics to make."""
_KEPT = "_desk_listed"


def listed_for(user: Any, clinics: Sequence[Clinic], now: datetime) -> Listed | None:
    """The list of these clinics; None where they are more than `MOST_CLINICS`. One query.

    It is kept with the person signed in, who is another object at the next request.
    """
    if len(clinics) > MOST_CLINICS:
        return None
    key = {clinic.pk for clinic in clinics}
    kept: tuple[set[int], Listed] | None = getattr(user, _KEPT, None)
    if kept is None or kept[0] != key:
        kept = (key, listed(clinics, now))
        setattr(user, _KEPT, kept)
    return kept[1]
