"""Why a patient needs a call. Each app registers its reasons, in its module `worklist_reasons`."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """That a patient needs a call: since which day (the clinic's), and the facts that say why (JSON, nobody's words).

    Without a `since` it is the day on which it is found first. `pressing` says where it is more or less so than its
    reason is. `at` (aware) is when it happened: where hours count, what happened after a call isn't settled by it.
    """

    patient_id: int
    since: date | None
    facts: Mapping[str, Any] = field(default_factory=dict)
    pressing: int | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class WorklistReason:
    """A reason to call a patient.

    `select` finds all patients of these clinics whom it concerns at a moment (aware), in sets and with a constant
    number of queries; it may find a patient once only. `words` says a finding's facts in the reader's language, in a
    few words ("Missed 4 of 7 days"), `detail` what else helps whoever calls, or nothing. `quotes` reads, for the
    facts of a page's patients in a constant number of queries, what is shown but not kept on the list, such as a
    person's own words. `is_perhaps_lost`: it is so long ago that "lost to follow-up" is offered. `pressing`
    orders the list, the highest first: 100 is a matter of hours, 50 of days, 10 of weeks.
    """

    name: str
    label: Any
    pressing: int
    select: Callable[[Collection[int], datetime], Iterable[Finding]]
    words: Callable[[Mapping[str, Any]], str]
    detail: Callable[[Mapping[str, Any]], str] = lambda facts: ""
    quotes: Callable[[Mapping[int, Mapping[str, Any]]], Mapping[int, str]] = lambda facts_of: {}
    is_perhaps_lost: Callable[[Mapping[str, Any]], bool] = lambda facts: False


HOURS = 100
"""As pressing as what can't wait for tomorrow."""


_reasons: dict[str, WorklistReason] = {}


def register_worklist_reason(reason: WorklistReason) -> None:
    """Put those whom it finds on the list; ValueError when there is one of its name."""
    if reason.name in _reasons:
        raise ValueError(f"The worklist has a reason “{reason.name}” already.")
    _reasons[reason.name] = reason


def worklist_reasons() -> list[WorklistReason]:
    """All reasons, the most pressing first."""
    return sorted(_reasons.values(), key=lambda reason: (-reason.pressing, reason.name))


def worklist_reason(name: str) -> WorklistReason | None:
    """The reason of that name; None where it isn't registered any more."""
    return _reasons.get(name)
