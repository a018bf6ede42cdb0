"""What today and the next 14 days become when a plan changes, in words. In the active language."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby, pairwise
from operator import itemgetter
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from medications import formats
from medications.models import Dose
from medications.presentation.schedule_words import day_count, length_words
from medications.rules.replanning import Start
from medications.selectors.replanning import Change
from notifications.web.moments import dated

DAYS = 14
TOO_SHORT, TOO_LONG = 0.5, 1.5
"""Of the shortest time between two doses of a plan: less than the one, and as much as the other, is pointed out.
Whether that matters for this medicine is for the nurse to say.
"""
_ONE_DAY = timedelta(days=1)
_ONE_HOUR = timedelta(hours=1)
_COUNTS: Mapping[str, str | Promise] = {
    Dose.State.TAKEN: gettext_lazy("The dose of %(old)s was taken. It counts for %(new)s."),
    Dose.State.SKIPPED: gettext_lazy("The dose of %(old)s was skipped. It counts for %(new)s."),
    Dose.State.MISSED: gettext_lazy("The dose of %(old)s was missed. It counts for %(new)s."),
}
_STATES: Mapping[str, str | Promise] = {
    Dose.State.TAKEN: gettext_lazy("%(dose)s (taken)"),
    Dose.State.SKIPPED: gettext_lazy("%(dose)s (skipped)"),
    Dose.State.MISSED: gettext_lazy("%(dose)s (missed)"),
    Dose.State.UNANSWERED: gettext_lazy("%(dose)s (unanswered)"),
}


@dataclass(frozen=True, kw_only=True)
class Days:
    """One day, or several with the same doses."""

    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One way to begin with a changed plan, and what becomes of the doses."""

    value: str
    label: str
    notes: list[str]
    warning: str
    days: list[Days]


def choices(changes: Mapping[Start, Change], *, now: datetime) -> list[Choice]:
    """The ways that differ, the usual one first."""
    found: list[Choice] = []
    for start, change in changes.items():
        words = _Words(change, now)
        choice = Choice(
            value=start.value,
            label=words.label(start),
            notes=words.notes(),
            warning=words.warning(),
            days=words.days(),
        )
        if all(choice.days != other.days for other in found):
            found.append(choice)
    return found


class _Words:
    def __init__(self, change: Change, now: datetime) -> None:
        self.change, self.now = change, now
        self.zone = ZoneInfo(change.prescription.patient.zone)
        self.today = now.astimezone(self.zone).date()
        self.form = change.prescription.medicine.form

    def label(self, start: Start) -> str:
        if start == Start.TOMORROW:
            return _("From tomorrow")
        if start == Start.COUNTED:
            return _("From now on")
        day = min((new.day for new in self.change.outcome.extra), default=self.today)
        if day == self.today:
            return _("From now on, and also once more today")
        return _("From now on, and also once more on %(day)s") % {"day": self._day(day)}

    def notes(self) -> list[str]:
        """Why doses of the plan are not to be taken, and how long after the last one the next one comes."""
        return [*self._counted(), *self._next_dose()]

    def warning(self) -> str:
        """That the next dose comes much sooner or later than this plan means; empty where it doesn't."""
        between, usual = self._between(), self._usual()
        if between is None or usual is None:
            return ""
        old, new = between
        if new - old < TOO_SHORT * usual:
            said = _(
                "That is much sooner than usual: with this plan there are at least %(usual)s between two doses. Ask "
                "the doctor or the pharmacist if you are not sure."
            )
        elif new - old >= TOO_LONG * usual:
            said = _(
                "That is much later than usual: with this plan there are at least %(usual)s between two doses. Ask "
                "the doctor or the pharmacist if you are not sure."
            )
        else:
            return ""
        return said % {"usual": _roughly(usual)}

    def _next_dose(self) -> Iterator[str]:
        if between := self._between():
            old, new = between
            yield _("The last dose was taken: %(old)s. The next is %(length)s later: %(new)s.") % {
                "old": self._moment(old),
                "new": self._moment(new),
                "length": _roughly(new - old),
            }

    def _between(self) -> tuple[datetime, datetime] | None:
        """When the last dose was taken, and when the next is to be taken; None where either isn't known."""
        taken = [
            row.taken_at or row.due_at for row in self.change.rows.values() if row.state == Dose.State.TAKEN
        ]
        to_take = list(self._to_take())
        return (max(taken), min(to_take)) if taken and to_take else None

    def _to_take(self) -> Iterator[datetime]:
        outcome = self.change.outcome
        replaced = {each.id for each in outcome.removed} | {move.dose.id for move in outcome.moves}
        for dose in self.change.rows.values():
            if dose.state == Dose.State.SCHEDULED and dose.pk not in replaced:
                yield max(dose.due_at, self.now)
        for move in outcome.moves:
            if not move.has_passed:
                yield max(move.due_at, self.now)
        for new in [*outcome.created, *outcome.extra]:
            yield new.due_at

    def _usual(self) -> timedelta | None:
        """The shortest time between two doses of the plan; None where it has one dose alone."""
        return min((later - earlier for earlier, later in pairwise(self.change.layout.moments)), default=None)

    def _counted(self) -> list[str]:
        return [
            _COUNTS[state] % {"old": self._moment(dose.due_at), "new": self._moment(new.due_at)}
            for dose, new in self.change.outcome.counted
            if (state := self.change.rows[dose.id].state) in _COUNTS
            and (dose.day, dose.at) != (new.day, new.at)
        ]

    def days(self) -> list[Days]:
        """Today, and the days after it, those in a row with the same doses as one."""
        lines: dict[date, list[tuple[datetime, str]]] = {}
        for due_at, line in self._lines():
            lines.setdefault(due_at.astimezone(self.zone).date(), []).append((due_at, line))
        said = {day: tuple(line for _due_at, line in sorted(found)) for day, found in lines.items()}
        found = [Days(name=_("Today"), lines=said.get(self.today, (_("no dose"),)))]
        ahead = [self.today + number * _ONE_DAY for number in range(1, DAYS + 1)]
        for same, group in groupby(
            [(said.get(day, (_("no dose"),)), day) for day in ahead], key=itemgetter(0)
        ):
            found.append(Days(name=self._span([day for _lines, day in group]), lines=same))
        return found

    def _lines(self) -> Iterator[tuple[datetime, str]]:
        outcome, rows = self.change.outcome, self.change.rows
        gone = {dose.id for dose in outcome.removed}
        moved = {move.dose.id for move in outcome.moves}
        for dose in rows.values():
            if dose.pk in moved or (dose.pk in gone and not self._is_today(dose.due_at)):
                continue
            words = self._dose(dose.due_at, dose)
            state = _("%(dose)s is no longer to be taken") if dose.pk in gone else _STATES.get(dose.state)
            yield dose.due_at, str(state) % {"dose": words} if state else words
        for move in outcome.moves:
            words = self._dose(move.due_at, move.planned)
            if move.has_passed:
                words = _("%(dose)s: there is no time left for it, so it is recorded as missed") % {
                    "dose": words
                }
            elif move.due_at != move.dose.due_at and self._is_today(move.due_at):
                words = _("%(dose)s (moved from %(old)s)") % {
                    "dose": words,
                    "old": self._moment(move.dose.due_at),
                }
            yield move.due_at, words
        for new in [*outcome.created, *outcome.extra]:
            yield new.due_at, self._dose(new.due_at, new)

    def _is_today(self, due_at: datetime) -> bool:
        return due_at.astimezone(self.zone).date() == self.today

    def _dose(self, due_at: datetime, dose: object) -> str:
        quantity = formats.quantity(dose.quantity, self.form)  # type: ignore[attr-defined]
        return _("%(quantity)s at %(times)s") % {"quantity": quantity, "times": self._clock(due_at)}

    def _clock(self, due_at: datetime) -> str:
        return f"{due_at.astimezone(self.zone):%H:%M}"

    def _moment(self, due_at: datetime) -> str:
        day = due_at.astimezone(self.zone).date()
        if day == self.today:
            return _("today at %(time)s") % {"time": self._clock(due_at)}
        return _("%(day)s at %(time)s") % {"day": self._day(day), "time": self._clock(due_at)}

    def _day(self, day: date) -> str:
        return dated(day, "l j F", today=self.today)

    def _span(self, days: Iterable[date]) -> str:
        first, *_between = found = list(days)
        if len(found) == 1:
            return capfirst(self._day(first))
        values = {"first": self._day(first), "last": self._day(found[-1])}
        return capfirst(_("%(first)s to %(last)s") % values)


def _roughly(length: timedelta) -> str:
    """In whole hours, or days where it is long."""
    if length >= 3 * _ONE_DAY:
        return day_count(round(length / _ONE_DAY))
    return length_words(length if length < 3 * _ONE_HOUR else round(length / _ONE_HOUR) * _ONE_HOUR)
