"""Whole moments, taken page by page: all doses of one patient at one time, by whoever locks the first of them.

Several workers do so side by side. Each passes over what another has locked, so that nobody waits; and since only the
first dose of a moment is looked for, no two share a moment, which would be two messages to one person.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, DateTimeField, F, Func, OuterRef, QuerySet, Subquery, Value

from medications.models import Dose
from notifications.models.lookups import Ids, numbers

MOMENTS = 1_000
"""Moments a publication, at most; the doses of one are never split."""

ROWS = 5_000
"""Doses a page, which is one transaction: enough to be fast, few enough that an answer never waits long."""


@dataclass(frozen=True, slots=True)
class Page:
    """What was looked at: the moments that are locked now, each with its doses, and where the next page begins."""

    moments: list[list[int]]
    last: tuple[Any, int, int]
    is_full: bool

    @property
    def dose_ids(self) -> set[int]:
        return {dose_id for moment in self.moments for dose_id in moment}

    def publications(self) -> Iterator[list[int]]:
        """The doses of each publication."""
        for first in range(0, len(self.moments), MOMENTS):
            yield [dose_id for moment in self.moments[first : first + MOMENTS] for dose_id in moment]


def lock_page(doses: QuerySet[Dose], by: str, after: Page | None) -> Page | None:
    """Lock what can be had of the next of these doses, in the order of `by`, a time, and of patients; None at the end.

    Must be in a transaction. A page is one range of the partial index that begins with `by`, however much is due
    before it and behind. What another worker has in hand is theirs, and what somebody answers at this very moment is
    left for the next time.
    """
    ahead = doses if after is None else doses.filter(_After(by, after.last))
    same = doses.filter(patient_id=OuterRef("patient_id"), due_at=OuterRef("due_at")).order_by()
    # For each dose by itself, so that no plan of the database looks through all that is due.
    ids_of_moment = Subquery(same.values("due_at").annotate(ids=Ids("id")).values("ids"))
    rows = list(
        ahead.order_by(by, "patient_id", "id")
        .annotate(moment=ids_of_moment)
        .values_list("id", "patient_id", "moment")[:ROWS]
    )
    if not rows:
        return None
    last_id, patient_id, _moment = rows[-1]
    last = Dose.objects.values_list(by, flat=True).get(id=last_id), patient_id, last_id
    first = {}
    for id_, _patient_id, ids in rows:
        moment = sorted(numbers(ids))
        if id_ == moment[0]:
            first[id_] = moment
    to_lock = doses.filter(id__any_of=first).order_by().select_for_update(skip_locked=True, no_key=True)
    locked = set(to_lock.values_list("id", flat=True))
    mine = [moment for id_, moment in first.items() if id_ in locked]
    return Page(_still_due(doses, mine), last, len(rows) == ROWS)


def _still_due(doses: QuerySet[Dose], moments: list[list[int]]) -> list[list[int]]:
    """These moments, whose first doses are locked, without what was answered a moment ago; the rest is locked too."""
    others = {id_ for moment in moments for id_ in moment[1:]}
    if not others:
        return moments
    # Whoever is answering one of them is waited for.
    here = doses.filter(id__any_of=others).order_by("id").select_for_update(no_key=True)
    gone = others.difference(here.values_list("id", flat=True))
    return [[id_ for id_ in moment if id_ not in gone] for moment in moments]


class _After(Func):
    """Whether a row comes after a place in the order of a time, the patient and the id."""

    template = "(%(expressions)s)"
    output_field = BooleanField()

    def __init__(self, by: str, place: tuple[Any, int, int]) -> None:
        at, patient_id, id_ = place
        here = _Row(F(by), F("patient_id"), F("id"))
        there = _Row(Value(at, DateTimeField()), Value(patient_id), Value(id_))
        super().__init__(here, there, arg_joiner=" > ")


class _Row(Func):
    """A row of values, compared from left to right."""

    template = "(%(expressions)s)"
    output_field = BooleanField()
