"""One prescription whose plan changes again and again, without a database."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from medications.rules.plan import Layout, Plan, lay_out_around, looks_back, reaches
from medications.rules.replanning import Existing, Planned, Replanned, Start, replan

WINDOW = timedelta(hours=2)
HORIZON = 10
"""Days."""


@dataclass
class Site:
    """The rows of one prescription, without a database."""

    now: datetime
    zone: str
    rows: dict[int, Existing] = field(default_factory=dict)
    number: int = 0

    @property
    def today(self) -> date:
        return self.now.astimezone(ZoneInfo(self.zone)).date()

    def layout(self, rules: list[dict[str, Any]]) -> Layout:
        plan = Plan(
            start_date=date(2026, 9, 1),
            end_date=None,
            timezone=self.zone,
            slots={},
            rules=dict(enumerate(rules, 1)),
        )
        return lay_out_around(
            plan,
            begins=self.today - timedelta(days=looks_back(plan)),
            until={key: self.today + timedelta(days=HORIZON + reach) for key, reach in reaches(plan).items()},
        )

    def change(self, rules: list[dict[str, Any]], start: Start = Start.COUNTED) -> tuple[Layout, Replanned]:
        layout = self.layout(rules)
        known = [row for row in self.rows.values() if row.day >= layout.begins]
        others = [(row.schedule, row.due_at) for row in self.rows.values() if row.day < layout.begins]
        outcome = replan(
            known,
            layout.planned,
            now=self.now,
            today=self.today,
            window=WINDOW,
            start=start,
            others=others,
        )
        for dose in outcome.removed:
            del self.rows[dose.id]
        for move in outcome.moves:
            begun = move.dose.is_begun or move.dose.due_at <= self.now
            self._put(move.dose.id, move.planned, move.due_at, is_begun=begun)
        for new in [*outcome.created, *outcome.extra]:
            self.number += 1
            self._put(self.number, new, new.due_at)
        return layout, outcome

    def _put(self, id_: int, new: Planned, due_at: datetime, *, is_begun: bool = False) -> None:
        self.rows[id_] = Existing(
            id=id_,
            schedule=new.schedule,
            due_at=due_at,
            day=new.day,
            at=new.at,
            is_settled=False,
            is_begun=is_begun,
        )

    def settle(self, answers: list[str], *, one_ahead: bool) -> None:
        due = sorted(
            (row for row in self.rows.values() if not row.is_settled and row.due_at <= self.now),
            key=lambda row: row.due_at,
        )
        for number, row in enumerate(due):
            is_last = number == len(due) - 1
            if answers[number % len(answers)] != "open" or not is_last:
                self._settle(row)
        ahead = sorted(
            (row for row in self.rows.values() if row.due_at > self.now), key=lambda row: row.due_at
        )
        if one_ahead and ahead:
            self._settle(ahead[0])

    def _settle(self, row: Existing) -> None:
        self.rows[row.id] = replace(row, is_settled=True)
