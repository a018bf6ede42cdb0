"""What may be recorded of a vaccination: what is refused, and what the nurse is told before she decides."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from medications.rules.vaccinations import Given, judged
from medications.rules.vaccine_table import CHILDHOOD, DOSE_NUMBERS

FURTHEST = timedelta(days=366 * 20)
"""How far ahead a vaccination can be due: further than any booster."""


class Problem(StrEnum):
    """Why a date can't be right."""

    BEFORE_BIRTH = "before_birth"
    AFTER_DEATH = "after_death"
    IN_FUTURE = "in_future"
    TOO_FAR = "too_far"


class Kind(StrEnum):
    """What the nurse is told of a date; she may save it all the same."""

    TOO_EARLY = "too_early"
    TOO_OLD = "too_old"
    NOT_NEEDED = "not_needed"
    UNDOES = "undoes"


@dataclass(frozen=True, kw_only=True)
class Advice:
    """`day` is the first that would do, if it is too early. `dose_number` is the one that would count no longer, and
    `day` when that was given, if it undoes another.
    """

    kind: Kind
    day: date | None = None
    dose_number: int | None = None


def problem_of(
    day: date, *, born: date | None, died: date | None, today: date, given: bool
) -> Problem | None:
    """Why nothing can have been given on that day (`given`), or be due on it; None if it can."""
    if born and day < born:
        return Problem.BEFORE_BIRTH
    if died and day > died:
        return Problem.AFTER_DEATH
    if given and day > today:
        return Problem.IN_FUTURE
    if not given and day > today + FURTHEST:
        return Problem.TOO_FAR
    return None


def advice_on(candidate: Given, *, born: date | None, others: Iterable[Given]) -> list[Advice]:
    """What is to be said of a vaccination beside the others that were given. Nothing where the table knows nothing."""
    if born is None or candidate.vaccine not in DOSE_NUMBERS or candidate.on >= CHILDHOOD.after(born):
        return []
    theirs = [each for each in others if each.vaccine == candidate.vaccine]
    verdicts = judged(candidate.vaccine, born, [*theirs, candidate])
    mine = next(each for each in verdicts if each.given is candidate)
    found = []
    if mine.counts_from:
        found.append(Advice(kind=Kind.TOO_EARLY, day=mine.counts_from))
    if mine.after_last_age:
        found.append(Advice(kind=Kind.TOO_OLD))
    if mine.beyond_course:
        found.append(Advice(kind=Kind.NOT_NEEDED))
    counted = {id(each.given) for each in judged(candidate.vaccine, born, theirs) if each.counts}
    found += [
        Advice(kind=Kind.UNDOES, dose_number=each.given.dose_number, day=each.given.on)
        for each in verdicts
        if not each.counts and id(each.given) in counted
    ]
    return found


def may_be_given(earlier: Iterable[Given], *, vaccine: str, dose_number: int, born: date | None) -> bool:
    """Whether this dose can be given: for the first time, or again after all that didn't count."""
    theirs = [each for each in earlier if each.vaccine == vaccine]
    same = [each for each in theirs if each.dose_number == dose_number]
    if not same:
        return True
    if born is None or vaccine not in DOSE_NUMBERS:
        return False
    return not any(
        each.counts and each.given.dose_number == dose_number for each in judged(vaccine, born, theirs)
    )
