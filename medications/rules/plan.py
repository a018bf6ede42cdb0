"""A prescription's plan laid out over days: each dose with its place on the patient's wall and its period."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Self

from medications.rules import doses
from medications.rules.dose_rule import DoseRule
from medications.rules.errors import RuleError
from medications.rules.replanning import Planned
from medications.rules.wall_time import zone

_ONE_DAY = timedelta(days=1)
_EARLIEST_ELSEWHERE = 2
"""By so many days at most it is earlier in another zone."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a prescription says: its dates, the patient's clock, and each schedule's rule as JSON has it, by its id."""

    start_date: date
    end_date: date | None
    timezone: str
    slots: Mapping[str, str]
    rules: Mapping[int, Mapping[str, object]]

    def between(self, begins: date, until: date) -> Self:
        """The same plan for these days, without what it says of others: plans that began on different days are equal
        where both go on.
        """
        after = until + _ONE_DAY  # is laid out too
        ends = self.end_date if self.end_date and self.end_date <= after else None
        return replace(self, start_date=max(self.start_date, begins), end_date=ends)


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The doses of a plan, for rows from the local day `begins` on. `until` is the last day of each schedule; `moments`
    are all due times in order, also those of the day after. `refused` are schedules that can't be expanded, and why.
    """

    planned: Sequence[Planned]
    begins: date
    until: Mapping[int, date]
    moments: Sequence[datetime]
    refused: Mapping[int, RuleError]


def reaches(plan: Plan) -> dict[int, int]:
    """How many days the period of each schedule reaches beyond a dose's own day."""
    return {schedule: rule.reach for schedule, rule in _parsed(plan)[0].items()}


def looks_back(plan: Plan) -> int:
    """How many days before today a dose may lie that says what is still to be taken: two of the longest periods.

    One would do for what counts as today's; but what counts for which of the past depends on those before it. Whoever
    travelled may have a dose ahead of a local day that is over here.
    """
    return 2 * _longest_period(plan) + _EARLIEST_ELSEWHERE


def _longest_period(plan: Plan) -> int:
    return max(reaches(plan).values(), default=0)


def lay_out_around(plan: Plan, *, begins: date, until: Mapping[int, date]) -> Layout:
    """The plan for which doses from `begins` on count: it begins a period earlier, as one may stand for one before."""
    earlier = begins - timedelta(days=_longest_period(plan))
    return replace(lay_out(plan, begins=earlier, until=until), begins=begins)


def lay_out(plan: Plan, *, begins: date, until: Mapping[int, date]) -> Layout:
    """The plan from one local date to the last date of each schedule, both included."""
    rules, refused = _parsed(plan)
    planned: list[Planned] = []
    moments: set[datetime] = set()
    for schedule, rule in rules.items():
        try:
            # A day further, because the last dose needs the due time of the one after it.
            found = _doses(plan, schedule, rule, begins, until[schedule] + _ONE_DAY)
        except RuleError as error:
            refused[schedule] = error
            continue
        moments.update(each.due_at for each in found)
        planned += [each for each in found if each.day <= until[schedule]]
    return Layout(
        planned=planned,
        begins=begins,
        until={schedule: day for schedule, day in until.items() if schedule not in refused},
        moments=sorted(moments),
        refused=refused,
    )


def _parsed(plan: Plan) -> tuple[dict[int, DoseRule], dict[int, RuleError]]:
    rules: dict[int, DoseRule] = {}
    refused: dict[int, RuleError] = {}
    for schedule, rule in plan.rules.items():
        try:
            rules[schedule] = doses.parse(rule)
        except RuleError as error:
            refused[schedule] = error
    return rules, refused


def _doses(plan: Plan, schedule: int, rule: DoseRule, first: date, last: date) -> list[Planned]:
    tz = zone(plan.timezone)
    found = doses.expand(
        rule,
        start=max(first, plan.start_date),
        end=min(last, plan.end_date or last),
        timezone=plan.timezone,
        slots=plan.slots,
    )
    planned = []
    for due_at, quantity in found:
        wall = due_at.astimezone(tz)
        begins, ends = rule.period(wall.date())
        planned.append(
            Planned(
                schedule=schedule,
                due_at=due_at,
                day=wall.date(),
                at=wall.time(),
                quantity=quantity,
                first=begins,
                last=ends,
                elapsed=rule.elapsed,
                each_day=rule.each_day,
            )
        )
    return planned
