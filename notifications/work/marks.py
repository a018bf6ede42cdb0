"""Where a look at what is due begins to read.

What is finished leaves the index on what is unfinished when a vacuum comes, or a look finds that no transaction can see
it any more. While somebody's transaction is open neither happens, and each look reads past all that was finished since.
So where one took long, the next ones of this process begin where it found its first row. What lies before, because it
was given back or committed late, is found as soon as nothing lies behind, and else by the next whole look: those may
take a twentieth of the time.
"""

import time
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet

LONG = 0.02
"""Seconds that a whole look may take without leaving a mark."""
WHOLE_AFTER = 20
"""So many times as long as a whole look took until the next one, where there is enough behind the mark."""


class _Mark(NamedTuple):
    first: datetime
    until: float


_marks: dict[str, _Mark] = {}
"""By the place: the work, and which of it."""


def look(place: str, rows: QuerySet[Any], size: int, *names: str) -> list[Any]:
    """At most `size` of these rows, which are ordered by `due_at`: of each `due_at` and these fields.

    Where there is one, it gives one.
    """
    asked = rows.values_list("due_at", *names)
    mark = _marks.get(place)
    if mark is not None and time.monotonic() < mark.until:
        found = list(asked.filter(due_at__gte=mark.first)[:size])
        if found:
            return found
    began = time.monotonic()
    found = list(asked[:size])
    spent = time.monotonic() - began
    if found and spent > LONG:
        _marks[place] = _Mark(found[0][0], began + spent * (1 + WHOLE_AFTER))
    else:
        _marks.pop(place, None)
    return found
