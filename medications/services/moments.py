"""Whole moments, taken page by page: all doses of one patient at one time, by whoever locks the first of them.

Several workers do so side by side. Each passes over what another has locked, so that nobody waits; and since only the
first dose of a moment is looked for, no two share a moment, which would be two messages to one person.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import BooleanField, DateTimeField, F, Func, OuterRef, QuerySet, Subquery, Value

from medications.models import Dose
from notifications.models.lookups import Ids, numbers

MOMENTS = 1_000
"""Moments a publication, at most; the doses of one are never split. Larger ones would cost fewer queries, but one that
three dying workers had in hand is given up (docs/decisions/0101).
"""

ROWS = 5_000
"""Doses a page, which is one transaction: enough to be fast, few enough that an answer never waits long."""


_Place = tuple[Any, int, int]
"""In the order of a time, the patient and the id."""


@dataclass(frozen=True, slots=True)
class Page:
    """What was looked at: the moments that are locked now, each with its doses, and where the next page begins."""

    moments: list[list[int]]
    last: _Place
    is_full: bool
    is_shared: bool
    """Another worker, or somebody who answers, had some of it in hand."""

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
    ahead = doses if after is None else doses.filter(_Compared(by, ">", after.last))
    ahead = ahead.order_by(by, "patient_id", "id")
    if after is not None and after.is_shared:
        free = _first_free(ahead, by)
        if free is None:
            return None
        ahead = ahead.filter(_Compared(by, ">=", free))
    same = doses.filter(patient_id=OuterRef("patient_id"), due_at=OuterRef("due_at")).order_by()
    # For each dose by itself, so that no plan of the database looks through all that is due.
    others = same.exclude(id=OuterRef("id")).values("due_at").annotate(ids=Ids("id")).values("ids")
    rows = list(ahead.annotate(others=Subquery(others)).values_list("id", "patient_id", "others")[:ROWS])
    if not rows:
        return None
    last_id, patient_id, _others = rows[-1]
    last = Dose.objects.values_list(by, flat=True).get(id=last_id), patient_id, last_id
    first = {}
    for id_, _patient_id, ids in rows:
        moment = sorted([id_, *numbers(ids)]) if ids else [id_]
        if id_ == moment[0]:
            first[id_] = moment
    to_lock = doses.filter(id__any_of=first).order_by().select_for_update(skip_locked=True, no_key=True)
    locked = set(to_lock.values_list("id", flat=True))
    mine = [moment for id_, moment in first.items() if id_ in locked]
    is_shared = len(mine) < len(first)
    return Page(_still_due(doses, mine), last, len(rows) == ROWS, is_shared)


def _first_free(ahead: QuerySet[Dose], by: str) -> _Place | None:
    """The first of these that nobody has in hand; None where somebody has all of them.

    To step over a page of another worker costs a fraction of reading it. Nothing stays locked by this: it need not be
    the first dose of its moment, whose worker would then have to wait for us.
    """
    with transaction.atomic():
        free = ahead.select_for_update(skip_locked=True, no_key=True)
        place = free.values_list(by, "patient_id", "id").first()
        transaction.set_rollback(True)
    return place


def _still_due(doses: QuerySet[Dose], moments: list[list[int]]) -> list[list[int]]:
    """These moments, whose first doses are locked, without what was answered a moment ago; the rest is locked too."""
    others = {id_ for moment in moments for id_ in moment[1:]}
    if not others:
        return moments
    # Whoever is answering one of them is waited for.
    here = doses.filter(id__any_of=others).order_by("id").select_for_update(no_key=True)
    gone = others.difference(here.values_list("id", flat=True))
    return [[id_ for id_ in moment if id_ not in gone] for moment in moments]


class _Compared(Func):
    """Whether a row comes after a place in the order of a time, the patient and the id; or is at it."""

    template = "(%(expressions)s)"
    output_field = BooleanField()

    def __init__(self, by: str, how: str, place: _Place) -> None:
        at, patient_id, id_ = place
        here = _Row(F(by), F("patient_id"), F("id"))
        there = _Row(Value(at, DateTimeField()), Value(patient_id), Value(id_))
        super().__init__(here, there, arg_joiner=f" {how} ")


class _Row(Func):
    """A row of values, compared from left to right."""

    template = "(%(expressions)s)"
    output_field = BooleanField()
